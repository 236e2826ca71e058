import { join, resolve } from 'node:path'
import { systemClock } from '../src/clock.js'
import { failed } from '../src/errors.js'
import type { Log } from '../src/log.js'
import { stopEmbeddedPostgres } from '../src/store/embedded.js'
import { compiled, projectFolder } from './floor/compiled.js'
import { clearFloor, type Floor, openFloor } from './floor/floor.js'
import { createParts, type Parts } from './floor/parts.js'
import { createPorts, isPortTaken } from './floor/ports.js'
import { takeTurn } from './floor/turn.js'
import { type ShopDatabase, startShopDatabase } from './shop/database.js'
import { welcome } from './welcome.js'

export type Playground = {
  workspaceUrl: string
  /** What Shipmate's own settings and the operator's file refer to. */
  env: { [name: string]: string }
  /** The operator's file of the playground. */
  configPath: string
  /** Where Shipmate listens for alerts, the same at every start. */
  alertsPort: number
  /** Stops everything that was started. Without it all of it goes on, and the next opening finds it. */
  close(): Promise<void>
}

export type PlaygroundOptions = {
  dir: string
  /** Of the workspace's page; 0 for the port of before, or any free one. */
  port: number
  /** Requests per second. */
  visitors?: number
  log: Log
}

const environments = ['prod', 'staging']

const promisedUrl = 'http://127.0.0.1:1'

/** Values of the shape that `Playground.env` will have, to check an operator's file with before anything is started. */
export const promisedEnv: { [name: string]: string } = {
  SHOP_HOST_1: promisedUrl,
  SHOP_HOST_2: promisedUrl,
  SHOP_PROXY_ADMIN: promisedUrl,
  SHOP_PROXY: promisedUrl,
  SHOP_TOKEN_FILE: '/token',
  SHOP_RELEASES: '/releases',
  SHOP_VISITORS: promisedUrl,
  SHOP_DATABASE_URL: 'postgres://127.0.0.1:1/shop',
  SHOP_WAL_ARCHIVE: '/archive',
  SHOP_DATABASE_READ: 'postgres://127.0.0.1:1/shop',
  SHOP_DATABASE_ACT: 'postgres://127.0.0.1:1/shop',
  SHOP_DATABASE_BACKUP: 'postgres://127.0.0.1:1/shop',
  SHOP_BACKUPS: '/backups',
  SHOP_SCRATCH: '/scratch',
  SHOP_DATABASE_FOLDER: '/shop-database',
  SHOP_NODE: '/node',
  SHOP_SERVER: '/server.js',
  SHOP_ALERTS_TOKEN: 'promised',
}

/**
 * A place to try everything on: a local Slack workspace, a shop with its database on two hosts behind a proxy, and
 * visitors. Starts what does not run yet and finds what does; all of it outlives this process.
 */
export async function openPlayground(options: PlaygroundOptions): Promise<Playground> {
  const { log, visitors = 40 } = options
  const dir = resolve(options.dir)
  const turn = join(dir, 'playground.turn')
  const letNextGo = await takeTurn(turn)
  const began = systemClock.now().getTime()
  const anew = !createParts(dir, log).isRunning('workspace')
  try {
    const opening = [openWorkspace(dir, options.port, log), openShop(dir, visitors, log)] as const
    const [workspace, shop] = await Promise.all(opening).catch(async (error: unknown) => {
      await Promise.allSettled(opening)
      // Half a playground would stay behind for ever; one that was there before is left as it was.
      if (anew) await clearAway(dir, log)
      throw error
    })
    await welcome(workspace.url, shop.floor.proxy.public).catch((err) => log.warn({ err }, 'nobody was welcomed'))
    log.info({ ms: systemClock.now().getTime() - began, url: workspace.url }, 'the playground is open')
    return {
      workspaceUrl: workspace.url,
      env: environment(workspace.url, shop),
      configPath: compiled('playground/shipmate.yml'),
      alertsPort: await alertsPort(dir),
      close: () => close(turn, workspace.parts, shop),
    }
  } finally {
    letNextGo()
  }
}

type Shop = { floor: Floor; database: ShopDatabase }

async function openShop(dir: string, visitors: number, log: Log): Promise<Shop> {
  const database = startShopDatabase(join(dir, 'shop-database'), environments, log)
  const databases = database.then(({ urls }) => urls)
  const floor = await openFloor({ dir: join(dir, 'floor'), databases, visitors, log })
  return { floor, database: await database }
}

async function openWorkspace(dir: string, wanted: number, log: Log): Promise<{ url: string; parts: Parts }> {
  const parts = createParts(dir, log)
  const start = (port: number) => startWorkspaceAt(parts, join(dir, 'workspace'), port)
  try {
    const ports = createPorts(dir)
    const url =
      wanted > 0
        ? await start(wanted)
        : await ports.bind(['workspace'], parts.isRunning('workspace'), ([port = 0]) => start(port))
    return { url, parts }
  } catch (error) {
    if (!isPortTaken(error)) throw error
    throw failed('port-taken', `port ${wanted} is taken by another program`, {
      wanted: `port ${wanted} on 127.0.0.1`,
      came: 'EADDRINUSE',
      next: 'End that program, or choose another port: PORT=4000 npm start.',
    })
  }
}

/** Whoever sends alerts was told it once, so it stays. */
const alertsPort = (dir: string): Promise<number> =>
  createPorts(dir).bind(['alerts'], false, async ([port = 0]) => port)

/** Starts the workspace there, or finds it; its address. */
export async function startWorkspaceAt(parts: Parts, dataDir: string, port: number): Promise<string> {
  const { url } = await parts.open({
    name: 'workspace',
    script: compiled('playground/workspace/main.js'),
    mark: dataDir,
    args: (mark) => [
      ...['--port', String(port), '--data-dir', mark],
      ...['--manifest', join(projectFolder, 'manifest.yml'), '--page-dir', compiled('playground/page')],
    ],
    settings: { port, dataDir },
  })
  return (url ?? `http://127.0.0.1:${port}`).replace(/\/$/, '')
}

function environment(workspaceUrl: string, { floor, database }: Shop): { [name: string]: string } {
  return {
    SLACK_API_URL: `${workspaceUrl}/api/`,
    SLACK_BOT_TOKEN: 'xoxb-playground',
    SLACK_APP_TOKEN: 'xapp-playground',
    ...Object.fromEntries(floor.hosts.map(({ url }, index) => [`SHOP_HOST_${index + 1}`, url])),
    SHOP_PROXY_ADMIN: floor.proxy.admin,
    SHOP_PROXY: floor.proxy.public,
    SHOP_TOKEN_FILE: floor.tokenFile,
    SHOP_RELEASES: floor.releases,
    SHOP_VISITORS: floor.visitors ?? '',
    SHOP_DATABASE_URL: database.url,
    SHOP_WAL_ARCHIVE: database.archive,
    SHOP_DATABASE_READ: database.watchers.prod?.read ?? '',
    SHOP_DATABASE_ACT: database.watchers.prod?.act ?? '',
    SHOP_DATABASE_BACKUP: database.urls.prod ?? '',
    SHOP_BACKUPS: database.backups,
    SHOP_SCRATCH: database.scratch,
    SHOP_DATABASE_FOLDER: database.folder,
    SHOP_NODE: process.execPath,
    SHOP_SERVER: compiled('playground/shop/server.js'),
    SHOP_ALERTS_TOKEN: floor.token,
  }
}

async function clearAway(dir: string, log: Log): Promise<void> {
  const floor = join(dir, 'floor')
  await Promise.allSettled([createParts(dir, log).stop('workspace'), clearFloor(floor, log)])
  await stopEmbeddedPostgres(join(dir, 'shop-database'), log)
}

/** Visitors first, so that nobody sees the shop close; the database last. */
async function close(turn: string, workspace: Parts, { floor, database }: Shop): Promise<void> {
  const letNextGo = await takeTurn(turn)
  try {
    await floor.close()
    await database.stop()
    await workspace.stop('workspace')
  } finally {
    letNextGo()
  }
}
