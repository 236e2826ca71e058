import { constants } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type App, startApp } from './app.js'
import { systemClock } from './clock.js'
import { type Config, type Env, openCatalogue, readCatalogue, readConfig } from './config.js'
import { asShipmateError, refused } from './errors.js'
import { createLog, type Log } from './log.js'

/** What main needs of the playground: the local workspace, and hosts to deploy on. */
type Playground = {
  workspaceUrl: string
  env: Record<string, string>
  configPath: string
  alertsPort: number
  close(): Promise<void>
}
type PlaygroundModule = {
  openPlayground(options: { dir: string; port: number; log: Log }): Promise<Playground>
  /** Values of the right shape for what `env` will hold. */
  promisedEnv: Record<string, string>
}

/**
 * Starts Shipmate. With Slack's tokens it joins that workspace; without them it opens the playground: a local workspace
 * in the browser with a shop to deploy, on embedded parts. Prints one line on standard output when it is ready: its URL,
 * or, for a worker, that it carries runs.
 */
async function main(): Promise<void> {
  // `shipmate front` and `shipmate worker` say it as a word.
  const [word] = process.argv.slice(2)
  const own: Env = { ...process.env, ...(word === 'front' || word === 'worker' ? { SHIPMATE_ROLE: word } : {}) }
  const first = readConfig(own)
  const log = createLog(process.env.LOG_LEVEL ? first.logLevel : first.slack.botToken ? 'info' : 'warn')
  const inPlayground = !first.slack.botToken && first.role === 'both'
  const signals = hearSignals(inPlayground)
  const playground = inPlayground ? await openPlayground(first, log) : null
  try {
    const env: Env = { ...own, ...playground?.env }
    const config = readConfig(env)
    const catalogue = await openCatalogue(config.catalogueFile ?? playground?.configPath ?? operatorsFile(), env)
    const ports = playground ? playgroundPorts(own, playground) : portsFor(config)
    const app = await startApp({ config, catalogue, env, ports, clock: systemClock, log })
    for (const problem of app.problems()) process.stderr.write(`${problem}\n`)
    // Before it says that it is ready: whoever waited for that may stop it in the same moment.
    signals.obey(stopping(app, playground, log))
    process.stdout.write(`${playground?.workspaceUrl ?? (app.url || 'carrying runs')}\n`)
  } catch (thrown) {
    // Nothing is left running behind a start that failed.
    await playground?.close()
    throw thrown
  }
}

/**
 * PORT is where programs and the terminal speak to it. With signed HTTP it is Slack's, since the request URL names it,
 * and programs take the next one. In the playground PORT is the page's.
 */
function portsFor({ port, slack }: Config): { slack: number; http: number } {
  if (slack.appToken) return { slack: 0, http: port }
  return { slack: port, http: port === 0 ? 0 : port + 1 }
}

const playgroundPorts = ({ ALERTS_PORT }: Env, { alertsPort }: Playground) => {
  return { slack: 0, http: 0, ...(ALERTS_PORT ? {} : { alerts: alertsPort }) }
}

async function openPlayground({ dir, port, catalogueFile }: Config, log: Log): Promise<Playground> {
  const program = new URL('../playground/start.js', import.meta.url)
  const { openPlayground, promisedEnv } = (await import(fileURLToPath(program))) as PlaygroundModule
  // Mistakes in the operator's file are told before anything is started for it.
  if (catalogueFile) await readCatalogue(catalogueFile, { ...process.env, ...promisedEnv })
  return openPlayground({ dir: resolve(dir), port, log })
}

function operatorsFile(): never {
  throw refused('catalogue-missing', 'Shipmate does not know what to deploy where.', {
    wanted: 'SHIPMATE_CONFIG, the path of the operator’s file',
    came: 'nothing',
    next: 'Copy shipmate.example.yml to shipmate.yml, fill it in, and set SHIPMATE_CONFIG=shipmate.yml.',
  })
}

/** Milliseconds, below the 30 s that containers are given. What is not done by then goes on elsewhere, from its rows. */
const drainWithin = 25_000

/**
 * The first signal stops in order, the second one, from somebody who will not wait, at once. Before there is something to
 * stop it ends the process; while the playground opens, which would outlive the process, it counts as soon as it is open.
 */
function hearSignals(opensPlayground: boolean): { obey(stop: (signal: string) => void): void } {
  let stop: ((signal: string) => void) | null = null
  let heard: NodeJS.Signals | null = null
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (heard !== null || (stop === null && !opensPlayground)) process.exit(128 + constants.signals[signal])
      heard = signal
      if (stop) stop(signal)
      else process.stderr.write('Stopping as soon as the playground is open; once more ends it at once.\n')
    })
  return {
    obey: (way) => {
      stop = way
      if (heard !== null) way(heard)
    },
  }
}

const stopping = (app: App, playground: Playground | null, log: Log) => (signal: string) => {
  log.info({ signal }, 'stopping')
  const tooLong = systemClock.sleep(drainWithin).then(() => {
    log.warn({ runs: app.engine?.carrying() ?? [] }, 'stopping with steps under way; others go on with them')
  })
  void Promise.race([app.stop(), tooLong])
    .then(() => playground?.close())
    .then(
      () => process.exit(0),
      (thrown) => {
        log.error({ err: thrown }, 'stopping did not go in order')
        process.exit(1)
      },
    )
}

main().catch((thrown) => {
  const { message, wanted, came, next, code } = asShipmateError(thrown)
  const [first, ...more] = message.split('\n')
  const details = [wanted && `  wanted: ${wanted}`, came && `  came: ${came}`, next && `  next: ${next}`]
  const lines = [`Shipmate did not start: ${first} (${code})`, ...more, ...details.filter(Boolean)]
  process.stderr.write(`${lines.join('\n')}\n`)
  process.exit(1)
})
