import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createDatabaseSwap } from '../../../../src/integrations/backups/swap/database.js'
import { contextFor, rowsOf } from '../../../support/backups/engine-rig.js'
import { bareDatabase, type TestDatabase } from '../../../support/database.js'

// The change of names on a real server; how data is carried over is tried in test/jobs/backups/restoring-one.test.ts.
describe('one database of a server', () => {
  let live: TestDatabase
  let name = ''
  const of = (database: string) => {
    const url = new URL(live.url)
    url.pathname = `/${database}`
    return url.href
  }
  const beside = (text: string) => rowsOf(of('postgres'), text)
  beforeEach(async () => {
    live = await bareDatabase()
    name = new URL(live.url).pathname.slice(1)
    await rowsOf(live.url, `create table what as select 'old' as it`)
    await beside(`create database ${name}_restored_482`)
    await rowsOf(of(`${name}_restored_482`), `create table what as select 'restored' as it`)
  })
  afterEach(async () => {
    for (const { datname } of await beside(`select datname from pg_database where datname like '${name}%'`))
      await beside(`drop database ${datname} with (force)`)
  })

  const context = contextFor()
  const swap = () => createDatabaseSwap({ name: 'shop', bin: '/usr/bin', url: async () => live.url })
  const what = async (database = name) => (await rowsOf<{ it: string }>(of(database), 'select it from what'))[0]?.it
  const isOpen = async (database: string) =>
    (await beside(`select datallowconn as open from pg_database where datname = '${database}'`))[0]?.open

  test('the restored one takes the name, done twice it is done once, and so is the way back', async () => {
    expect(await swap().placed(482, context)).toBe('old')
    await swap().swap(482, context)
    await swap().swap(482, context)
    expect(await swap().placed(482, context)).toBe('restored')
    expect(await what()).toBe('restored')
    expect(await isOpen(`${name}_before_482`)).toBe(false)
    await swap().back(482, context)
    await swap().back(482, context)
    expect(await what()).toBe('old')
    expect(await isOpen(`${name}_undone_482`)).toBe(false)
    await swap().unstage(482, context)
    expect(await swap().placed(482, context)).toBe('old')
  })

  test('whoever is kept out while it is paused is kept out after the swap and after the way back', async () => {
    await beside(`alter database ${name} with allow_connections false`)
    await swap().swap(482, context)
    expect(await isOpen(name)).toBe(false)
    await beside(`alter database ${name} with allow_connections true`)
    expect(await what()).toBe('restored')
    await beside(`alter database ${name} with allow_connections false`)
    await swap().back(482, context)
    expect(await isOpen(name)).toBe(false)
  })

  test('an application that comes again at once whenever it is thrown out does not keep it from happening', async () => {
    let going = true
    const knocking = [1, 2, 3].map(async () => {
      while (going) {
        const client = new pg.Client({ connectionString: live.url })
        client.on('error', () => {})
        await client.connect().then(
          () => client.query('select pg_sleep(0.2)').catch(() => {}),
          () => {},
        )
        await client.end().catch(() => {})
      }
    })
    await swap().swap(482, context)
    going = false
    await Promise.all(knocking)
    expect(await what()).toBe('restored')
  })

  test('cut off before the data was whole, what was half loaded is removed and nothing else', async () => {
    await beside(`create database ${name}_restored_490_part_0011aabb`)
    await swap().unstage(490, context)
    const left = await beside(`select datname from pg_database where datname like '${name}%' order by 1`)
    expect(left).toEqual([{ datname: name }, { datname: `${name}_restored_482` }])
  })
})
