import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { createSurroundings } from '../../../src/app/backups/surroundings.js'
import { systemClock } from '../../../src/clock.js'
import { createScratchYard } from '../../../src/integrations/backups/scratch/yard.js'
import { defineCheck } from '../../../src/runs/abilities.js'
import { contextFor, rowsOf } from '../backups/engine-rig.js'
import type { PgBackRestRig } from '../backups/pgbackrest-rig.js'
import { backedUpText } from '../backups/plain-place.js'
import type { BackupSide } from '../desk-world.js'
import { shopCatalogue } from '../shop.js'

export const database = (url: string) => {
  const at = new URL(url)
  at.pathname = '/shop'
  return at.href
}

/** Visitors of hosts that are in memory get an answer, or errors. */
export const visitors = (get: 'answers' | 'errors') =>
  defineCheck({
    name: 'http.probe',
    input: z.unknown(),
    run: async () =>
      get === 'answers'
        ? { outcome: 'pass', summary: 'visitors get an answer' }
        : { outcome: 'fail', summary: 'visitors get errors', final: true },
  })

/** One other person signs off a restore. */
export const secondPerson = (text: string) =>
  text.replace(
    '      deploy:\n        quorum: 1\n',
    '      restore:\n        quorum: 1\n        groups: [release-managers]\n        requester: excluded\n        expires: 1h\n      deploy:\n        quorum: 1\n',
  )

/** The operator's file of a shop on a real server that pgBackRest backs up, with `restore` as a test wants it. */
export const restoreText = (rig: PgBackRestRig, restore: string) =>
  secondPerson(backedUpText(`    proven: never\n    restore:\n${restore}`)).replace(
    'engine: { embedded: { storage: { path: /srv/backups } } }',
    `engine: { pgbackrest: { program: /usr/bin/pgbackrest, config: ${rig.config}, stanza: main } }`,
  )

/** Stops and starts the server as an operator's commands would. */
export function serverCommands({ server }: PgBackRestRig): { stop: string; start: string } {
  const script = (name: string, line: string) => {
    const path = join(server.dir, name)
    writeFileSync(path, `#!/bin/sh\n${line}\n`)
    chmodSync(path, 0o755)
    return path
  }
  const ctl = `setpriv --reuid=postgres --regid=postgres --init-groups ${server.bin}/pg_ctl -D ${server.data} -w`
  return {
    stop: script('stop', `exec ${ctl} -m fast stop`),
    start: script('start', `exec ${ctl} -l ${server.dir}/started.log start >/dev/null 2>&1 </dev/null`),
  }
}

export const folderRestore = (rig: PgBackRestRig) => {
  const { stop, start } = serverCommands(rig)
  return `      swap:
        folder:
          data: ${rig.server.data}
          stop: { run: [${stop}], within: 20s }
          start: { run: [${start}], within: 20s }
`
}

/** Asks the shop's database, where the rig's own asks another one. */
export const shopYard = ({ server: { dir, bin, as } }: PgBackRestRig) =>
  createScratchYard({ folder: join(dir, 'shop-yard'), bin, as, database: 'shop', superuser: 'postgres' }, systemClock)

/** Engine, yard and surroundings of that file, as the product itself makes them. */
export function sideOf(rig: PgBackRestRig, text: string, known: { [reference: string]: string } = {}): BackupSide {
  const secrets = async (reference: string) => known[reference] ?? database(rig.url)
  return {
    engines: async () => rig.engine,
    yards: async () => shopYard(rig),
    surroundings: createSurroundings(shopCatalogue(text), secrets),
  }
}

/** A shop with customers and orders, and a full backup of it. */
export async function openShop(rig: PgBackRestRig): Promise<void> {
  await rowsOf(rig.url, 'create database shop')
  const url = database(rig.url)
  await rowsOf(url, 'create table customers (id int primary key)')
  await rowsOf(
    url,
    'create table orders (id int primary key, customer int references customers, at timestamptz default now())',
  )
  await rowsOf(url, 'insert into customers select generate_series(1, 100)')
  await rowsOf(url, 'insert into orders select n, 1 + n % 100 from generate_series(1, 500) n')
  await rig.engine.take({ kind: 'full', key: 'first', run: 1 }, contextFor())
}
