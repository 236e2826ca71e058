// Opening incidents against the local workspace, every call of which takes 150 ms: how many calls follow one another, how
// long it takes, what a storm of alerts becomes, and how soon each of sixty people sees something.
import { loadavg } from 'node:os'
import { systemClock } from '../../src/clock.js'
import { createAlertWorld, payload } from '../support/alert-world.js'
import { stopClusters } from '../support/database.js'
import { inARow, isOf } from '../support/rooms/calls.js'
import { type RoomWorld, rita, roomWorld } from '../support/rooms/room-world.js'
import { waitFor } from '../support/wait-for.js'
import { printFigures } from './parts/figures.js'

const openings = process.argv.includes('--quick') ? 10 : 50
console.log(
  `load of the machine before: ${loadavg()
    .map((one) => one.toFixed(1))
    .join(', ')}`,
)
const opened = await inRoom(false, openedOneByOne)
const sixty = await inRoom(true, sixtyAtOnce)
const incidents = await duplicates()
await stopClusters()
printFigures('incident-room', { ...opened, ...sixty, 'duplicates-incidents': incidents })

async function inRoom<Result>(limits: boolean, work: (world: RoomWorld) => Promise<Result>): Promise<Result> {
  const world = await roomWorld({ limits, callMs: 150 })
  return work(world).finally(() => world.end())
}

async function openedOneByOne(world: RoomWorld) {
  const [took, rows]: [number[], number[]] = [[], []]
  for (let nth = 0; nth < openings; nth++) {
    // Slack's limits are kept over a minute: each begins in a new one.
    const leave = world.lead()
    const before = world.calls.length
    const from = performance.now()
    const id = await world.declare({ title: `Trouble ${nth}`, declaredBy: rita })
    const room = await waitFor(`INC-${id} has its channel`, async () => {
      const { room } = (await world.view(id)).incident
      return room.done.length + room.troubles.length >= 7 && room
    })
    const mine = world.calls.slice(before).filter(({ args }) => isOf(args, room.channel, room.name, id))
    took.push(Math.max(...mine.map(({ to }) => to)) - from)
    rows.push(inARow(mine))
    await leave()
  }
  took.sort((a, b) => a - b)
  const at = (share: number) => took[Math.ceil(share * took.length) - 1] ?? Number.NaN
  return { 'calls-in-a-row': Math.max(...rows), 'open-p50-ms': at(0.5), 'open-p99-ms': at(0.99) }
}

async function sixtyAtOnce(world: RoomWorld) {
  world.lead()
  const told = new Map<number, number>()
  const begun = new Map<number, number>()
  await Promise.all(
    Array.from({ length: 60 }, async (_, nth) => {
      const id = await world.declare({ title: `Trouble ${nth}` })
      begun.set(id, performance.now())
    }),
  )
  await waitFor(
    'each has a card or a line',
    async () => {
      for (const { id, room } of await world.store.incidents.rows.list({ limit: 100 }))
        if (room.card && !told.has(id)) told.set(id, performance.now() - (begun.get(id) ?? 0))
      return told.size === 60
    },
    30_000,
  )
  const limited = (await world.control.calls()).filter(({ status }) => status === 429).length
  const soon = [...told.values()].filter((ms) => ms < 3_000).length
  return { 'sixty-within-3s': soon, 'sixty-slowest-ms': Math.max(...told.values()), 'sixty-429s': limited }
}

/** A hundred of the same alert within ten seconds, at two fronts. */
async function duplicates(): Promise<number> {
  const world = await createAlertWorld(2, { alerts: { sources: { alertmanager: { secrets: ['env:AM'] } } } })
  try {
    const posts: Promise<unknown>[] = []
    for (let nth = 0; nth < 100; nth++) {
      const front = world.fronts[nth % 2]
      if (front) posts.push(front.post('/alerts/alertmanager', payload({ fingerprint: 'the-same' })))
      await systemClock.sleep(90)
    }
    await Promise.all(posts)
    for (const { judge } of world.fronts) await judge.settled()
    return (await world.fronts[0]?.incidents())?.length ?? 0
  } finally {
    await world.close()
  }
}
