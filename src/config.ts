import { readFile } from 'node:fs/promises'
import { refused } from './errors.js'
import type { Catalogue } from './releases/catalogue.js'

export type Env = { [name: string]: string | undefined }

/** What the process was started with. Secrets are here in the clear: never log a Config. */
export type Config = {
  role: 'both' | 'front' | 'worker'
  /** 0: any free port. */
  port: number
  /** Where senders of alerts and changes are listened for; it may face outside. 0: any free port. */
  alerts: { port: number; address: string }
  logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** The operator's file; null when SHIPMATE_CONFIG is not set. */
  catalogueFile: string | null
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

/**
 * The only reader of the process's environment. Throws one ShipmateError (`config-invalid`) that lists every variable
 * that is wrong: what was wanted, what came (never a secret's value), what to do.
 */
export function readConfig(env: Env = process.env): Config {
  const read = reader(env)
  const config: Config = {
    role: read.oneOf('SHIPMATE_ROLE', ['both', 'front', 'worker'], 'both'),
    port: read.port('PORT', 3000),
    alerts: { port: read.port('ALERTS_PORT', 3002), address: read.text('ALERTS_ADDRESS') ?? '127.0.0.1' },
    logLevel: read.oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
    catalogueFile: read.text('SHIPMATE_CONFIG'),
    dir: read.text('SHIPMATE_DIR') ?? '.shipmate',
    databaseUrl: read.address('DATABASE_URL', ['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/name'),
    redisUrl: read.address('REDIS_URL', ['redis:', 'rediss:'], 'redis://host:6379'),
    slack: {
      botToken: read.token('SLACK_BOT_TOKEN', 'xoxb-', 'OAuth & Permissions, Bot User OAuth Token'),
      appToken: read.token('SLACK_APP_TOKEN', 'xapp-', 'Basic Information, App-Level Tokens'),
      signingSecret: read.text('SLACK_SIGNING_SECRET'),
      apiUrl: read.address('SLACK_API_URL', ['http:', 'https:'], 'https://slack.com/api/'),
    },
    terminal: {
      url: read.address('SHIPMATE_URL', ['http:', 'https:'], 'http://127.0.0.1:3000'),
      token: read.token('SHIPMATE_TOKEN', 'shp_', 'type /ops token in Slack to get one'),
    },
  }
  const problems = [...read.problems, ...slackProblems(config.slack, read.problems), ...roleProblems(config)]
  if (problems.length > 0) throw invalid(problems)
  return config
}

/** Reads and checks the operator's file; throws one ShipmateError listing every mistake as `file:line:column`. */
export async function readCatalogue(path: string, env: Env = process.env): Promise<Catalogue> {
  return (await openCatalogue(path, env))()
}

/** Reads the operator's file. What comes back checks it, and loads what that takes: much, for a start in a hurry. */
export async function openCatalogue(path: string, env: Env = process.env): Promise<() => Promise<Catalogue>> {
  const text = await textOf(path)
  return async () => {
    const { parseCatalogue } = await import('./releases/catalogue-text.js')
    return parseCatalogue(text, path, env)
  }
}

/** The secret behind `env:NAME` or `file:PATH`, without surrounding space; the error names the reference, never the value. */
export async function resolveSecret(reference: string, env: Env = process.env): Promise<string> {
  const colon = reference.indexOf(':')
  const [kind, place] = [reference.slice(0, colon), reference.slice(colon + 1)]
  const value = kind === 'env' ? env[place] : kind === 'file' ? await secretFile(place) : undefined
  if (value?.trim()) return value.trim()
  const known = kind === 'env' || kind === 'file'
  throw refused(
    'secret-missing',
    known ? `The secret ${reference} is not there.` : 'A secret has no env: or file: reference.',
    {
      wanted: kind === 'env' ? `a value in the variable ${place}` : 'a file that can be read and is not empty',
      came: 'nothing',
      next: kind === 'env' ? `Set ${place} and start again.` : 'Put the secret there and start again.',
    },
  )
}

type Problem = { name: string; wanted: string; came: string; next: string }

/** Reads variables by kind and gathers what is wrong with them. An empty variable counts as not set. */
function reader(env: Env) {
  const problems: Problem[] = []
  const text = (name: string): string | null => env[name]?.trim() || null
  const wrong = (name: string, wanted: string, came: string, next: string) => {
    problems.push({ name, wanted, came, next })
  }
  return {
    problems,
    text,
    oneOf<const T extends string>(name: string, values: readonly T[], otherwise: T): T {
      const value = text(name)
      const found = values.find((known) => known === value)
      if (value !== null && found === undefined)
        wrong(name, values.join(' or '), `"${value}"`, `Leave it out for ${otherwise}.`)
      return found ?? otherwise
    },
    port(name: string, otherwise: number): number {
      const value = text(name) ?? String(otherwise)
      const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN
      if (port <= 65_535) return port
      wrong(name, 'a whole number from 0 to 65535', `"${value}"`, `Leave it out for ${otherwise}.`)
      return otherwise
    },
    address(name: string, protocols: string[], example: string): string | null {
      const value = text(name)
      if (value === null || (URL.canParse(value) && protocols.includes(new URL(value).protocol))) return value
      // Such an address may hold a password, so not even a wrong one is shown.
      wrong(name, `an address such as ${example}`, 'something else (not shown)', 'Correct it, or leave it out.')
      return null
    },
    token(name: string, prefix: string, where: string): string | null {
      const value = text(name)
      if (value === null || (value.startsWith(prefix) && value.length > prefix.length)) return value
      wrong(name, `a token that begins with ${prefix}`, tokenKind(value), `Copy it from: ${where}.`)
      return null
    },
  }
}

const kinds: [prefix: string, kind: string][] = [
  ['xoxb-', 'a bot token (xoxb-…)'],
  ['xoxp-', 'a user token (xoxp-…)'],
  ['xapp-', 'an app-level token (xapp-…)'],
  ['shp_', 'a Shipmate token (shp_…)'],
]

const tokenKind = (value: string) =>
  kinds.find(([prefix]) => value.startsWith(prefix))?.[1] ?? `${value.length} characters of something else`

function slackProblems(slack: SlackConfig, found: Problem[]): Problem[] {
  if (found.some(({ name }) => name.startsWith('SLACK_'))) return []
  const halves = slack.appToken !== null || slack.signingSecret !== null
  if (slack.botToken === null && slack.appToken !== null)
    return [absent('SLACK_BOT_TOKEN', 'the bot token that belongs to SLACK_APP_TOKEN', 'Set both, or neither.')]
  if (slack.botToken !== null && !halves)
    return [absent('SLACK_APP_TOKEN', 'an app-level token, or SLACK_SIGNING_SECRET', 'Set one of the two.')]
  return []
}

/** A database of one's own would hold no other's runs. */
function roleProblems({ role, databaseUrl }: Config): Problem[] {
  if (role === 'both' || databaseUrl !== null) return []
  return [absent('DATABASE_URL', `the database that every front and worker uses, for SHIPMATE_ROLE=${role}`, 'Set it.')]
}

const absent = (name: string, wanted: string, next: string): Problem => ({ name, wanted, came: 'nothing', next })

function invalid(problems: Problem[]) {
  const lines = problems.map(({ name, wanted, came, next }) => `${name}: wanted ${wanted}, came ${came}. ${next}`)
  return refused('config-invalid', lines.join('\n'), {
    next: 'Correct the variables named and start again.',
    details: { variables: problems.map(({ name }) => name) },
  })
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw refused('catalogue-unreadable', `The operator's file ${path} cannot be read.`, {
      wanted: 'a YAML file such as shipmate.example.yml',
      came: error instanceof Error ? error.message : String(error),
      next: 'Set SHIPMATE_CONFIG to its path.',
      cause: error,
    })
  }
}

async function secretFile(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined)
}
