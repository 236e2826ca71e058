import type { Change } from '../runs/plan.js'

/** An immutable version of a service. */
export type Release = {
  service: string
  version: string
  /** Full 40-hex commit. */
  commit: string
  /** Digest of the artifact, `sha256:…`. */
  artifact: string
  builtAt: Date
  /** What it brings over the release before it, newest first. */
  changes: Change[]
  migrations: Migration[]
}

/** `safe`: an older version can run on the schema after it. */
export type Migration = { name: string; what: string; safe: boolean }

/** Where releases come from: a folder, a registry, GitHub. */
export type ReleaseSource = {
  /** Newest first. */
  list(service: string): Promise<Release[]>
  /** Null when there is no such version. */
  find(service: string, version: string): Promise<Release | null>
}

/** A version that served an environment, from our own rows. */
export type Deployment = {
  service: string
  environment: string
  version: string
  instances: number
  run: number | null
  at: Date
}

/** What served where, newest first; the first one serves now, as far as Shipmate's own runs tell. */
export type Deployments = { history(service: string, environment: string, limit: number): Promise<Deployment[]> }
