import { type EventEmitter, errorMonitor } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { bareDatabase } from './database.js'
import { createTcpProxy } from './tcp-proxy.js'
import { openWorld } from './world.js'

// Whoever only watches does not count as a listener: without one the error would end the run of the tests.
test('a database may be dropped while the server has not heard yet that its connections were ended', async () => {
  const database = await bareDatabase()
  const url = new URL(database.url)
  const wire = await createTcpProxy({ to: { host: url.hostname, port: Number(url.port) } })
  url.port = String(wire.port)
  const world = openWorld(url.href)
  const broken: unknown[] = []
  const events: EventEmitter = world
  events.on(errorMonitor, (error) => broken.push(error))
  await world.query('select 1')
  wire.delay(300)
  await world.end()
  await database.drop()
  await pause(700)
  await wire.close()
  expect(broken).toEqual([expect.objectContaining({ code: '57P01' })])
})
