import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import type { ManifestWishes, Workbench } from './cli/workbench.js'
import type { Gate } from './commands/reply.js'
import { type Config, type Env, readCatalogue, readConfig } from './config.js'
import { asShipmateError, failed } from './errors.js'
import { probeRedis } from './queue/probe-redis.js'
import { ownDatabase } from './releases/backups/own-database.js'
import type { Catalogue } from './releases/catalogue.js'
import { type AppManifest, manifestWith } from './slack/manifest.js'
import { probeSlack } from './slack/probe-slack.js'
import { probeDatabase } from './store/probe-database.js'

/** The composition root of the terminal: what it does by itself, without a running Shipmate. */
export function createWorkbench(manifestFile: string, env?: Env): Omit<Workbench, 'takeover'> {
  return {
    examine: () => examine(manifestFile, env),
    manifest: (wishes) => writeManifest(manifestFile, wishes),
    checkGuides: (folder) => checkGuides(folder, env),
    importGuide: importRunbook,
    // What reads backups and starts servers is loaded only for this.
    restoreSelf: async (options) => (await import('./app/restore-self/restore-self.js')).openRestoreSelf(options, env),
    restoreFiles: async (options) => (await import('./app/restore-self/stored-files.js')).openStoredFiles(options, env),
  }
}

async function examine(manifestFile: string, env?: Env): Promise<Gate[]> {
  const [config, found] = configOf(env)
  if (!config) return [nodeGate(process.versions.node), found]
  const [catalogue, file] = await catalogueOf(config, env)
  return [
    nodeGate(process.versions.node),
    found,
    file,
    ...(catalogue ? [ownBackups(catalogue)] : []),
    ...(config.databaseUrl ? await probeDatabase(config.databaseUrl) : [embedded(config.dir)]),
    ...(config.redisUrl ? await probeRedis(config.redisUrl) : [onPostgres]),
    ...(await probeSlack({ slack: config.slack, scopes: await scopesOf(manifestFile), catalogue })),
  ]
}

function nodeGate(version: string): Gate {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const good = major > 20 || (major === 20 && minor >= 19)
  const next = good ? {} : { next: 'Install Node.js 20.19 or newer.' }
  return { title: 'Node.js', outcome: good ? 'pass' : 'fail', evidence: { summary: version, limit: '20.19', ...next } }
}

function configOf(env?: Env): [Config | null, Gate] {
  try {
    return [readConfig(env), { title: 'Environment variables', outcome: 'pass', evidence: { summary: 'understood' } }]
  } catch (error) {
    return [null, brokenGate('Environment variables', error)]
  }
}

async function catalogueOf(config: Config, env?: Env): Promise<[Catalogue | null, Gate]> {
  const title = "Operator's file"
  if (!config.catalogueFile) {
    const next = 'Copy shipmate.example.yml and set SHIPMATE_CONFIG to it.'
    return [null, { title, outcome: config.slack.botToken ? 'fail' : 'skip', evidence: { summary: 'none', next } }]
  }
  try {
    const catalogue = await readCatalogue(config.catalogueFile, env)
    const { requireRoutineGuides } = await import('./app/routine-guides.js')
    await requireRoutineGuides(catalogue)
    const count = Object.keys(catalogue.services).length
    const summary = `${config.catalogueFile} is valid: ${count} ${count === 1 ? 'service' : 'services'}`
    return [catalogue, { title, outcome: 'pass', evidence: { summary } }]
  } catch (error) {
    return [null, brokenGate(title, error)]
  }
}

function brokenGate(title: string, thrown: unknown): Gate {
  const { message, next } = asShipmateError(thrown)
  return { title, outcome: 'fail', evidence: { summary: message, ...(next && { next }) } }
}

function ownBackups({ backups }: Catalogue): Gate {
  const title = 'Backups of Shipmate itself'
  if (backups[ownDatabase]) return { title, outcome: 'pass', evidence: { summary: 'are set up' } }
  const next = 'Add backups.shipmate to the operator’s file: docs/operations/restore-self.md says how.'
  return {
    title,
    outcome: 'warn',
    evidence: { summary: 'there are none: what it knows would be gone with its database', next },
  }
}

const embedded = (dir: string): Gate => ({
  title: 'Database',
  outcome: 'pass',
  evidence: { summary: `an embedded PostgreSQL in ${dir}, because DATABASE_URL is not set` },
})

const onPostgres: Gate = {
  title: 'Queue',
  outcome: 'pass',
  evidence: { summary: 'on PostgreSQL, because REDIS_URL is not set' },
}

const scopesInManifest = z.object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) })

async function scopesOf(manifestFile: string): Promise<string[]> {
  return scopesInManifest.parse(parse(await readFile(manifestFile, 'utf8'))).oauth_config.scopes.bot
}

async function writeManifest(manifestFile: string, wishes: ManifestWishes): Promise<string> {
  const text = await readFile(manifestFile, 'utf8')
  const changed = manifestWith(parse(text) as AppManifest, {
    ...(wishes.prefix !== undefined && { prefix: wishes.prefix }),
    ...(wishes.name !== undefined && { name: wishes.name }),
    ...(wishes.url !== undefined && { requestUrl: wishes.url }),
  })
  // Unchanged, the file's own comments say why it asks for each scope.
  return Object.keys(wishes).length === 0 ? text : stringify(changed, { lineWidth: 0 })
}

// What reads guides takes libraries that no other word of the terminal needs.
async function checkGuides(folder: string | undefined, env?: Env): Promise<{ good: number; mistakes: string[] }> {
  const [{ readGuideFolder }, { checkGuide }, { namedAbilities }] = await Promise.all([
    import('./integrations/guide-folder.js'),
    import('./incidents/guides/check-guide.js'),
    import('./app/incidents/named-abilities.js'),
  ])
  const catalogue = await catalogueOrNone(env)
  const world = namedAbilities(catalogue)
  const check = (guide: Parameters<typeof checkGuide>[0]) => checkGuide(guide, world)
  const where = folder === undefined ? { own: catalogue.incidents.guides } : { shipped: folder }
  const { guides, broken } = await readGuideFolder({ ...where, check })
  return { good: guides.length, mistakes: broken.flatMap(({ path, error }) => mistakeLines(path, error)) }
}

/** Without an operator's file there is nothing to look at, and the same names to say it with. */
async function catalogueOrNone(env?: Env): Promise<Catalogue> {
  const { catalogueFile } = readConfig(env)
  if (catalogueFile) return readCatalogue(catalogueFile, env)
  const { parseCatalogue } = await import('./releases/catalogue-text.js')
  return parseCatalogue('targets: {}\nservices: {}\nenvironments: {}\n', 'no file', {})
}

function mistakeLines(path: string, { message, next, details }: ReturnType<typeof asShipmateError>): string[] {
  const { data } = z.object({ mistakes: z.array(z.string()) }).safeParse(details)
  const folder = path.slice(0, path.length - basename(path).length)
  return data?.mistakes.map((line) => `${folder}${line}`) ?? [`${message}. ${next ?? ''}`.trim()]
}

async function importRunbook(file: string): Promise<string> {
  const { importGuide } = await import('./incidents/guides/import-guide.js')
  const text = await readFile(file, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    throw failed('guides-unreadable', `The runbook ${file} cannot be read.`, {
      came: thrown.code ?? String(thrown),
      next: 'Check that the file is there and may be read.',
      cause: thrown,
    })
  })
  return importGuide(text, basename(file).replace(/\.\w+$/, '')).markdown
}
