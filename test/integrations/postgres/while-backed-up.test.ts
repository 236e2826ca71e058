import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { lookWhileBackedUp } from '../../../src/integrations/postgres/while-backed-up.js'
import { rowsOf } from '../../support/backups/engine-rig.js'
import {
  folderFor,
  installedPostgres,
  type LocalServer,
  postgresUser,
  startLocalServer,
} from '../../support/backups/local-server.js'

const bin = installedPostgres()
const watching = (signal = new AbortController().signal) => ({ signal, clock: systemClock })

describe.skipIf(!bin)('a real server', () => {
  let server: LocalServer
  beforeAll(async () => {
    server = await startLocalServer(bin ?? '', folderFor(postgresUser()), () => ["archive_command = '/bin/true'"])
    await rowsOf(server.url, "select pg_create_physical_replication_slot('standby', true)")
    await rowsOf(server.url, 'create table filler (line text)')
  })
  afterAll(() => server?.stop())

  test('tells the WAL that a slot keeps more and more of while it is looked at', async () => {
    const look = await lookWhileBackedUp('shop', async () => server.url, watching())
    await rowsOf(server.url, "insert into filler select repeat('x', 1000) from generate_series(1, 20000)")
    await systemClock.sleep(2_500)
    const found = await look.end()
    expect(found).toMatchObject({ seen: { slot: { name: 'standby' }, lag: null } })
    const { slot, looks } = found && 'seen' in found ? found.seen : { slot: null, looks: 0 }
    expect(looks).toBeGreaterThanOrEqual(2)
    expect((slot?.kept.during ?? 0) - (slot?.kept.before ?? 0)).toBeGreaterThan(20e6)
  })

  test('one that goes away in between is told as far as it was seen', async () => {
    const look = await lookWhileBackedUp('shop', async () => server.url, watching())
    await rowsOf(
      server.url,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'shipmate'",
    )
    await systemClock.sleep(2_500)
    expect(await look.end()).toMatchObject({ seen: { looks: 1 } })
  })

  test('one that was never reached says why, and stopping in the middle hangs nobody', async () => {
    const away = await lookWhileBackedUp('shop', async () => 'postgres://nobody@127.0.0.1:1/shop', watching())
    expect(await away.end()).toEqual({
      why: expect.stringMatching(/^shop could not be looked at while it was backed up: /),
    })
    const stop = new AbortController()
    const look = await lookWhileBackedUp('shop', async () => server.url, watching(stop.signal))
    stop.abort()
    expect(await look.end()).toMatchObject({ seen: { looks: expect.any(Number) } })
  })
})
