/** How a named set of files is backed up by restic, from the operator's file. Secrets are references. */
export type Restic = {
  driver: 'restic'
  program: string
  /** Where the repository is. */
  repository: { kind: 'path'; path: string } | ({ kind: 's3' } & Bucket)
  /** What it is encrypted with. */
  password: string
  source: SetSource
  /** So many files are restored and compared in a drill, chosen at random; sets that are small by nature come back whole. */
  sample: number
  /** By this share, 0 to 1, files or bytes may have become fewer since the last sound backup. */
  shrinks: number
}

export type Bucket = {
  bucket: string
  region: string
  /** Null: Amazon's. */
  endpoint: string | null
  prefix: string
  accessKey: string
  secretKey: string
  pathStyle: boolean
}

export type SetSource =
  | { kind: 'folders'; folders: string[] }
  | { kind: 'bucket'; from: Bucket }
  | { kind: 'git'; program: string; repositories: MirroredRepository[] }
  | { kind: 'certificates'; pairs: { certificate: string; key: string }[]; files: string[] }
  | { kind: 'configuration'; files: string[]; answers: ConfigurationAnswer[]; n8n: { url: string; key: string } | null }

/** `token`: a reference; sent as the password of x-access-token, as GitHub and its like want it. */
export type MirroredRepository = { name: string; url: string; token: string | null }

/** What a system answers about itself as JSON, such as Caddy's `/config/`. */
export type ConfigurationAnswer = { name: string; url: string; token: string | null }
