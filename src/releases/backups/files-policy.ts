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
  | { kind: 'git'; program: string; repositories: MirroredRepository[]; documents: DocumentSettings }
  | { kind: 'certificates'; pairs: { certificate: string; key: string }[]; files: string[] }
  | { kind: 'configuration'; files: string[]; answers: ConfigurationAnswer[]; n8n: { url: string; key: string } | null }

/** `token`: a reference; sent as the password of x-access-token, as GitHub and its like want it. */
export type MirroredRepository = { name: string; url: string; token: string | null }

/** What is looked at in the Markdown documents of mirrors. */
export type DocumentSettings = {
  /** Whether links lead to files and headings that are there. */
  links: boolean
  /** Runbooks that no commit has touched for longer are told, in milliseconds; null: their age is nothing to tell. */
  reviewed: number | null
  /** Names of folders whose documents are runbooks, in small letters. */
  runbooks: string[]
  /** Hosts that may be asked whether a page is there; no other is ever called. */
  outside: string[]
}

/** What a system answers about itself as JSON, such as Caddy's `/config/`. */
export type ConfigurationAnswer = { name: string; url: string; token: string | null }
