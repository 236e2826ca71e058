import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createSurroundings } from '../../../src/app/backups/surroundings.js'
import { systemClock } from '../../../src/clock.js'
import { createScratchYard } from '../../../src/integrations/backups/scratch/yard.js'
import type { EndedState, RunView } from '../../../src/runs/run.js'
import { contextFor, rowsOf } from '../backups/engine-rig.js'
import { installedPostgres } from '../backups/local-server.js'
import { type PgBackRestRig, pgBackRestRig } from '../backups/pgbackrest-rig.js'
import { backedUpText } from '../backups/plain-place.js'
import { acceptedRun, asker, createDeskWorld, type DeskWorld, shown } from '../desk-world.js'
import { shopCatalogue } from '../shop.js'
import { patient } from './patient.js'
import { secondPerson, visitors } from './people.js'

export type LiveShop = Awaited<ReturnType<typeof openLiveShop>>

/** A shop of 100 customers and 500 orders on a real server, with a full backup by pgBackRest; Marco restores, Mina signs off. */
export async function openLiveShop(pgbackrest: string) {
  const rig = await pgBackRestRig(installedPostgres() ?? '', pgbackrest, { ownDisk: false })
  const url = shopIn(rig.url)
  await rowsOf(rig.url, 'create database shop')
  await rowsOf(url, `create table customers (id int primary key); insert into customers select generate_series(1, 100)`)
  await rowsOf(url, layOrders)
  await rig.engine.take({ kind: 'full', key: 'first', run: 1 }, contextFor())
  const { dir, bin, as } = rig.server
  const yard = createScratchYard(
    { folder: join(dir, 'shop-yard'), bin, as, database: 'shop', superuser: 'postgres' },
    systemClock,
  )
  let opened: DeskWorld | null = null
  const world = () => {
    if (!opened) throw new Error('the desk is not open')
    return opened
  }
  const say = (words: string) => world().desk.say(words, 'restore', asker('U0MARCO'))
  const press = (name: 'approve' | 'reject', view: RunView, who: string) =>
    world().desk.press({ name, reason: 'not now', ...shown(view) }, asker(who))
  const asked = async (words: string) => patient(world()).asks(acceptedRun(await say(words)))
  const ended = async (run: number, state: EndedState) => {
    const view = await patient(world()).ended(run, state)
    const took = evidenceOf(view, 'figures')
    if (took) console.log(`#${run}: ${evidenceOf(view, 'scratch')}; ${took}`)
    return view
  }
  const shut = async () => {
    // Each restore that is live asks for a backup of its own.
    for (const { id } of (await opened?.store.desk.list({ live: true, limit: 10 })) ?? []) await ended(id, 'done')
    await opened?.close()
    opened = null
  }
  return {
    ...{ rig, url, yard, say, press, asked, ended, shut },
    /** Engine, yard and surroundings as the product makes them of the operator's file, in which `restore` stands. */
    async open(restore: string, secrets: { [reference: string]: string } = {}) {
      const text = restoreText(rig, restore)
      const surroundings = createSurroundings(shopCatalogue(text), async (reference) => secrets[reference] ?? url)
      const backups = { engines: async () => rig.engine, yards: async () => yard, surroundings }
      opened = await createDeskWorld({ text, backups, checks: [visitors()] })
    },
    /** Asked for and signed off. */
    async approved(words: string): Promise<number> {
      const view = await asked(words)
      await press('approve', view, 'U0MINA')
      return view.run.id
    },
    /** The server's time, with nothing written right after it. */
    async moment(): Promise<string> {
      const [now] = await rowsOf<{ at: Date }>(url, 'select clock_timestamp() as at')
      await systemClock.sleep(50)
      return now?.at.toISOString() ?? ''
    },
    async count(table: string): Promise<number> {
      const [found] = await rowsOf<{ n: number }>(url, `select count(*)::int as n from ${table}`)
      return found?.n ?? -1
    },
    async isThere(table: string): Promise<boolean> {
      const [found] = await rowsOf<{ at: string | null }>(url, 'select to_regclass($1) as at', [table])
      return found?.at !== null
    },
    close: () => shut().finally(() => rig.close()),
  }
}

export const layOrders = `
  create table orders (id int primary key, customer int references customers, at timestamptz default now());
  insert into orders select n, 1 + n % 100 from generate_series(1, 500) n`

const shopIn = (url: string) => {
  const at = new URL(url)
  at.pathname = '/shop'
  return at.href
}

const restoreText = (rig: PgBackRestRig, restore: string) =>
  secondPerson(backedUpText(`    proven: never\n    restore:\n${restore}`)).replace(
    'engine: { embedded: { storage: { path: /srv/backups } } }',
    `engine: { pgbackrest: { program: /usr/bin/pgbackrest, config: ${rig.config}, stanza: main } }`,
  )

/** `swap` of the operator's file: the server's own folder, stopped and started as an operator's commands would. */
export function folderSwap({ server }: PgBackRestRig): string {
  const script = (name: string, line: string) => {
    const path = join(server.dir, name)
    writeFileSync(path, `#!/bin/sh\n${line}\n`)
    chmodSync(path, 0o755)
    return path
  }
  const ctl = `setpriv --reuid=postgres --regid=postgres --init-groups ${server.bin}/pg_ctl -D ${server.data} -w`
  const stop = script('stop', `exec ${ctl} -m fast stop`)
  const start = script('start', `exec ${ctl} -l ${server.dir}/started.log start >/dev/null 2>&1 </dev/null`)
  return `      swap:
        folder:
          data: ${server.data}
          stop: { run: [${stop}], within: 20s }
          start: { run: [${start}], within: 20s }
`
}

export const evidenceOf = (view: RunView, key: string): string | undefined =>
  view.steps.find((step) => step.key === key)?.evidence?.summary
