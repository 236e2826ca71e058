import type { Catalogue } from './releases/catalogue.js'

export type Env = { [name: string]: string | undefined }

/** What the process was started with. Secrets are here in the clear: never log a Config. */
export type Config = {
  role: 'all' | 'front' | 'worker'
  port: number
  logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** The operator's file. */
  catalogueFile: string
  /** Where the embedded database and other files of this machine live. */
  dir: string
  /** Null: an embedded PostgreSQL. */
  databaseUrl: string | null
  /** Null: the queue lives in PostgreSQL. */
  redisUrl: string | null
  slack: SlackConfig
  terminal: { url: string | null; token: string | null }
}

export type SlackConfig = {
  botToken: string | null
  /** Socket Mode when set. */
  appToken: string | null
  /** Signed HTTP delivery when set without an app token. */
  signingSecret: string | null
  /** Null: Slack's own. */
  apiUrl: string | null
}

/** The only reader of the process's environment. Throws a ShipmateError that names the variable, never a secret's value. */
export function readConfig(_env: Env = process.env): Config {
  throw new Error('not written yet')
}

/** Reads and checks the operator's file; throws one ShipmateError listing every mistake as `file:line:column`. */
export async function readCatalogue(_path: string, _env: Env = process.env): Promise<Catalogue> {
  throw new Error('not written yet')
}

/** The secret behind `env:NAME` or `file:PATH`; the error names the reference, never the value. */
export async function resolveSecret(_reference: string, _env: Env = process.env): Promise<string> {
  throw new Error('not written yet')
}
