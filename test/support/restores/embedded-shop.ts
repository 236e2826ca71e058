import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiled } from '../../../playground/floor/compiled.js'
import { createBackupSide } from '../../../src/app/backups/engines.js'
import { createSurroundings } from '../../../src/app/backups/surroundings.js'
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { startEmbeddedPostgres } from '../../../src/store/embedded.js'
import { rowsOf } from '../backups/engine-rig.js'
import { backedUpText } from '../backups/plain-place.js'
import type { BackupSide } from '../desk-world.js'
import { seedCluster } from '../seeded-cluster.js'
import { shopCatalogue } from '../shop.js'

const settings = ['fsync=off', 'summarize_wal=on', 'max_wal_size=256MB', 'wal_level=replica']
const script = compiled('test/support/restores/server.js')

/** A shop on a PostgreSQL that npm brought, backed up and restored with no program but Node.js. */
export type EmbeddedShop = {
  folder: string
  /** The data folder of its server. */
  data: string
  /** Where scratch servers are put. */
  yard: string
  /** Its database, as a superuser. */
  url: string
  /** The operator's file. */
  text: string
  close(): Promise<void>
}

/** 100 customers and 2,000 orders; `more` of the operator's file stands beside `swap`. */
export async function openEmbeddedShop(
  given: { text?(text: string): string; more?: string } = {},
): Promise<EmbeddedShop> {
  const folder = mkdtempSync(join(tmpdir(), 'shipmate-lost-'))
  // PostgreSQL runs as another user than root, who has to get through.
  chmodSync(folder, 0o755)
  const asked = join(folder, 'shop')
  await seedCluster(asked)
  const server = await startEmbeddedPostgres({ dir: asked, settings, log: silentLog })
  const url = new URL(server.url)
  url.pathname = '/shop'
  await rowsOf(server.url, 'create database shop')
  await rowsOf(
    url.href,
    `create table customers (id int primary key);
     create table orders (id bigserial primary key, customer int references customers, note text);
     insert into customers select generate_series(1, 100);
     insert into orders (customer) select 1 + i % 100 from generate_series(1, 2000) i`,
  )
  const text = backedUpText(policy(folder, server.dir, given.more ?? '')).replace(
    '/srv/backups',
    join(folder, 'stored'),
  )
  return {
    folder,
    data: join(server.dir, 'data'),
    yard: yardIn(folder),
    url: url.href,
    text: given.text?.(text) ?? text,
    async close() {
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Engine, yard and surroundings of such a shop as the product itself makes them, in this process or in another one. */
export function embeddedSide({ text, url }: Pick<EmbeddedShop, 'text' | 'url'>): BackupSide {
  const catalogue = shopCatalogue(text)
  const env = { SHOP_DATABASE_READ: url, SHOP_DATABASE_ACT: url }
  const side = createBackupSide({ catalogue, env, clock: systemClock, log: silentLog })
  return { ...side, surroundings: createSurroundings(catalogue, async () => url) }
}

export const yardIn = (folder: string) => join(folder, 'scratch', 'shop')

const policy = (folder: string, dir: string, more: string) => {
  const command = (what: 'stop' | 'start') =>
    JSON.stringify([process.execPath, script, what, dir, ...(what === 'start' ? settings : [])])
  return `    proven: never
    beforeMigrations: false
    scratch: { folder: ${folder}/scratch, superuser: shipmate }
    drill: { invariants: [{ name: every order has a customer, sql: select count(*) from orders where customer is null, max: 0 }] }
    restore:
      swap:
        folder:
          data: ${dir}/data
          stop: { run: ${command('stop')}, within: 30s }
          start: { run: ${command('start')}, within: 30s }
${more}`
}
