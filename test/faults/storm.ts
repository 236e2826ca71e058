import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { projectFolder } from '../../playground/floor/compiled.js'
import { startWorkspace } from '../../playground/workspace/server.js'
import { silentLog } from '../../src/log.js'
import { startEmbeddedPostgres } from '../../src/store/embedded.js'
import { migrate } from '../../src/store/migrate.js'
import { createControl } from '../support/control.js'
import { killEmbeddedPostgres } from '../support/killed-postgres.js'
import { startRedis, type TestRedis } from '../support/redis.js'
import { seedCluster } from '../support/seeded-cluster.js'
import { type Floor, openFloor } from '../support/storm-floor.js'
import { type StormProcess, startStormShipmate } from '../support/storm-programs.js'
import { createTcpProxy, type TcpProxy } from '../support/tcp-proxy.js'
import { recordHistory } from './history.js'

export type Role = 'front' | 'worker' | 'both'

export type StormPlan = {
  processes: Role[]
  environments: string[]
  redis?: boolean
  stepMs?: number
  /** What else stands in the operator's file and in the environment. */
  file?: object
  env?: { [name: string]: string }
  /** What each process finds beside that, by its number. */
  envOf?: (number: number) => { [name: string]: string }
  manifestPath?: string
}

/** One of Shipmate's processes; it can be started again after it died. */
export type Ship = {
  role: Role
  process: StormProcess
  /** How far its clock is off; also of its next start. */
  clockOffMs: number
  start(): Promise<void>
}

/** Shipmate as several processes, and everything it leans on, each to be killed, stopped, cut off and brought back. */
export type Storm = {
  databaseUrl: string
  /** Between Shipmate and PostgreSQL; the tests themselves go another way. */
  wire: TcpProxy
  postgres: { kill(): Promise<void>; start(): Promise<void> }
  redis: TestRedis | null
  workspaceUrl: string
  control: ReturnType<typeof createControl>
  floor: Floor
  ships: Ship[]
  environments: string[]
  close(): Promise<void>
}

/** Opens it; what is not given is one process that does all, without Redis. */
export async function openStorm(plan: StormPlan): Promise<Storm> {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-storm-'))
  // The embedded database runs under a user of its own, who must get in.
  chmodSync(dir, 0o755)
  const closing: (() => unknown)[] = [() => rmSync(dir, { recursive: true, force: true })]
  const opened = async <Part>(part: Promise<Part>, close: (part: Part) => unknown): Promise<Part> => {
    const there = await part
    closing.unshift(() => close(there))
    return there
  }
  const close = async () => {
    for (const one of closing.splice(0)) await one()
  }
  try {
    const folder = join(dir, 'postgres')
    const startPostgres = () => startEmbeddedPostgres({ dir: folder, settings: ['fsync=off'], log: silentLog })
    await seedCluster(folder)
    let server = await startPostgres()
    closing.unshift(() => server.stop())
    const databaseUrl = server.url
    await migrate(databaseUrl, silentLog)
    await recordHistory(databaseUrl)
    const to = { host: '127.0.0.1', port: Number(new URL(databaseUrl).port) }
    const wire = await opened(createTcpProxy({ to }), (proxy) => proxy.close())
    const redis = plan.redis ? await opened(startRedis(), (one) => one.stop()) : null
    const manifestPath = plan.manifestPath ?? join(projectFolder, 'manifest.yml')
    const workspace = await opened(startWorkspace({ manifestPath }), (one) => one.close())
    const floor = await opened(openFloor(), (one) => one.close())
    writeFileSync(join(dir, 'shipmate.yml'), operatorsFile(join(dir, 'releases'), plan))
    writeRelease(join(dir, 'releases'))
    const env = {
      SHIPMATE_CONFIG: join(dir, 'shipmate.yml'),
      DATABASE_URL: through(databaseUrl, wire),
      ...(redis ? { REDIS_URL: redis.url } : {}),
      SLACK_API_URL: `${workspace.url}/api/`,
      SLACK_BOT_TOKEN: workspace.tokens.bot,
      SLACK_APP_TOKEN: workspace.tokens.app,
      ...plan.env,
    }
    const task = { floorUrl: floor.url, stepMs: plan.stepMs ?? 100 }
    const ships = await Promise.all(
      plan.processes.map((role, number) => {
        const own = { SHIPMATE_ROLE: role, SHIPMATE_DIR: join(dir, `ship-${number}`), ...plan.envOf?.(number) }
        const start = (clockOffMs: number) => startStormShipmate({ ...task, clockOffMs, env: { ...env, ...own } })
        return opened(shipOf(role, start), (ship) => ship.process.kill())
      }),
    )
    return {
      databaseUrl,
      wire,
      postgres: {
        kill: () => killEmbeddedPostgres(folder),
        start: async () => {
          server = await startPostgres()
        },
      },
      redis,
      workspaceUrl: workspace.url,
      control: createControl(workspace.url),
      floor,
      ships,
      environments: plan.environments,
      close,
    }
  } catch (thrown) {
    await close()
    throw thrown
  }
}

async function shipOf(role: Role, start: (clockOffMs: number) => Promise<StormProcess>): Promise<Ship> {
  const ship: Ship = {
    role,
    process: await start(0),
    clockOffMs: 0,
    start: async () => {
      ship.process = await start(ship.clockOffMs)
    },
  }
  return ship
}

function through(url: string, { port }: TcpProxy): string {
  const changed = new URL(url)
  changed.port = String(port)
  return changed.href
}

/** Another database on the same server, for a front that shares the trouble and not the inbox; `wireUrl` goes over the wire. */
export async function besideIt({ databaseUrl, wire }: Storm): Promise<{ url: string; wireUrl: string }> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  await client.query('create database beside')
  await client.end()
  const url = new URL(databaseUrl)
  url.pathname = '/beside'
  await migrate(url.href, silentLog)
  await recordHistory(url.href)
  return { url: url.href, wireUrl: through(url.href, wire) }
}

export const version = 'v1.0.0'

function writeRelease(dir: string): void {
  mkdirSync(join(dir, version), { recursive: true })
  const [commit, artifact] = [randomBytes(20).toString('hex'), `sha256:${randomBytes(32).toString('hex')}`]
  const release = {
    service: 'shop',
    version,
    commit,
    artifact,
    builtAt: '2026-01-01T00:00:00Z',
    changes: [],
    migrations: [],
  }
  writeFileSync(join(dir, version, 'release.json'), JSON.stringify(release))
}

/** JSON is YAML too. Nobody is asked: a storm shall not wait for people. */
function operatorsFile(releases: string, { environments, file }: StormPlan): string {
  const all = <Value>(placed: (index: number) => Value) =>
    Object.fromEntries(environments.map((name, index) => [name, placed(index)]))
  // Two, because Slack takes one new message a second in each.
  const channels = ['C0RELEASES', 'C0INCIDENTS']
  const nowhere = 'http://127.0.0.1:9'
  const target = {
    driver: 'hosts',
    hosts: [{ name: 'alpha', url: nowhere }],
    proxy: { admin: nowhere, public: nowhere },
    token: 'env:SLACK_BOT_TOKEN',
  }
  return JSON.stringify({
    targets: { floor: target },
    services: {
      shop: {
        releases: { driver: 'folder', path: releases },
        environments: all(() => ({ target: 'floor', instances: 1 })),
      },
    },
    environments: all((index) => ({
      channel: channels[index % channels.length],
      approvals: { deploy: { quorum: 0 } },
      may: { deploy: { everyone: true } },
    })),
    ...file,
  })
}
