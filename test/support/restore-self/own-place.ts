import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { createBackupSide } from '../../../src/app/backups/engines.js'
import type { Backup } from '../../../src/backups/backup.js'
import { systemClock } from '../../../src/clock.js'
import { readCatalogue } from '../../../src/config.js'
import { postmasterOn } from '../../../src/integrations/backups/scratch/postmaster.js'
import { silentLog } from '../../../src/log.js'
import { openStore, type Store } from '../../../src/store/connect.js'
import { startEmbeddedPostgres } from '../../../src/store/embedded.js'
import { contextFor } from '../backups/engine-rig.js'
import { seedCluster } from '../seeded-cluster.js'
import { plainEnv } from '../stage.js'

const text = (storage: string, encrypted: boolean) => `
targets:
  shop:
    driver: hosts
    hosts: [{ name: one, url: 'http://127.0.0.1:1' }]
    proxy: { admin: 'http://127.0.0.1:1', public: 'http://127.0.0.1:1' }
    token: env:SHOP_TOKEN
services:
  shop:
    releases: { driver: folder, path: /nowhere }
    environments:
      prod: { target: shop, instances: 1 }
environments:
  prod:
    channel: C0RELEASES
    approvals: { deploy: { quorum: 0 } }
    may: {}
backups:
  shipmate:
    home: { service: shop, environment: prod }
    engine:
      embedded:
        storage:
          path: ${storage}
${encrypted ? '          encryption: env:OWN_KEY\n' : ''}`

/** Shipmate's own database, embedded, with its backups, and the terminal that brings it back: no Slack, no hosts. */
export type OwnPlace = {
  dir: string
  storage: string
  data: string
  env: { [name: string]: string }
  start(): Promise<{ url: string; store: Store; stop(): Promise<void> }>
  /** As the operator's file says: by the same engine that the backup job uses. */
  take(url: string): Promise<Backup>
  ask<Row extends pg.QueryResultRow>(url: string, sql: string, values?: unknown[]): Promise<Row[]>
  terminal(args: string[], options?: Run): Promise<{ code: number | null; out: string; err: string }>
  /** Data folders on which a server runs, and what a restore left. */
  left(): string[]
  close(): Promise<void>
}

type Run = {
  env?: { [name: string]: string }
  diesAt?: string
  /** `kill -9` as soon as it has written this. */
  killAt?: RegExp
}

export async function ownPlace({ encrypted = true } = {}): Promise<OwnPlace> {
  const folder = mkdtempSync(join(tmpdir(), 'shipmate-own-'))
  // PostgreSQL runs as another user than root, who has to get through.
  chmodSync(folder, 0o755)
  const [dir, storage, config] = [join(folder, 'shipmate'), join(folder, 'stored'), join(folder, 'shipmate.yml')]
  const home = join(dir, 'postgres')
  mkdirSync(dir)
  await seedCluster(home)
  writeFileSync(config, text(storage, encrypted))
  const key = { OWN_KEY: 'a passphrase of Shipmate itself', SHOP_TOKEN: 'token' }
  const env = { SHIPMATE_DIR: dir, SHIPMATE_CONFIG: config, ...key }
  const stops = new Set<() => Promise<void>>()
  return {
    dir,
    storage,
    data: join(home, 'data'),
    env,
    async start() {
      const server = await startEmbeddedPostgres({ dir: home, log: silentLog })
      const store = await openStore({ ownerUrl: server.url, log: silentLog })
      const stop = async () => {
        stops.delete(stop)
        await store.close()
        await server.stop()
      }
      stops.add(stop)
      return { url: server.url, store, stop }
    },
    async take(url) {
      const catalogue = await readCatalogue(config, env)
      const side = createBackupSide({ catalogue, env, clock: systemClock, log: silentLog, own: url })
      const engine = await side.engines('shipmate')
      return engine.take({ kind: 'full', key: `${Math.random()}`, run: 1 }, contextFor())
    },
    async ask<Row extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []) {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      try {
        return (await client.query<Row>(sql, values)).rows
      } finally {
        await client.end()
      }
    },
    terminal: (args, options = {}) => typed(args, env, options),
    left() {
      const inside = existsSync(join(home, 'restoring')) ? readdirSync(join(home, 'restoring')) : []
      const folders = [join(home, 'data'), ...inside.map((name) => join(home, 'restoring', name, 'data'))]
      const marks = ['restoring', 'restore-self.pid', 'placing.json', 'placing.json.part'].filter((name) =>
        existsSync(join(home, name)),
      )
      return [...folders.filter((one) => postmasterOn(resolve(one)) !== null), ...marks]
    },
    async close() {
      for (const stop of stops) await stop()
      await startEmbeddedPostgres({ dir: home, log: silentLog }).then(({ stop }) => stop())
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const program = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url))
const dying = fileURLToPath(new URL('./dies-at.mjs', import.meta.url))

async function typed(args: string[], own: { [name: string]: string }, { env = {}, diesAt, killAt }: Run) {
  const words = [...(diesAt ? ['--import', dying] : []), program, ...args]
  const child = spawn(process.execPath, words, {
    env: { ...plainEnv(), ...own, ...env, ...(diesAt && { DIES_AT: diesAt }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const heard = { out: '', err: '' }
  child.stdout.on('data', (some: Buffer) => {
    heard.out += some.toString()
  })
  child.stderr.on('data', (some: Buffer) => {
    heard.err += some.toString()
    if (killAt?.test(heard.err)) child.kill('SIGKILL')
  })
  const [code] = await once(child, 'close')
  return { ...heard, code: code as number | null }
}
