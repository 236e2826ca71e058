import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { atFullSize } from '../support/parts.js'
import { waitFor } from '../support/wait-for.js'
import { cardFaults, wentBack } from './cards-right.js'
import { openRig, type Rig } from './fronts.js'

const full = atFullSize('zombie')
const size = full ? { hungAfterMs: 60_000, frozen: 2 } : { hungAfterMs: 2_400, frozen: 1 }

async function rig(hungAfterMs?: number): Promise<Rig> {
  const opened = await openRig(hungAfterMs === undefined ? {} : { hungAfterMs })
  onTestFinished(opened.close)
  return opened
}

/** Moves a few runs all the time, so that whoever speaks is always in the midst of it. */
async function moving(world: Rig) {
  const runs = await Promise.all([world.begun('one'), world.begun('two'), world.begun('one')])
  const stop = new AbortController()
  let state = 0
  const work = (async () => {
    while (!stop.signal.aborted) {
      state += 1
      for (const run of runs) await world.moved(run, state)
      await pause(400)
    }
    for (const run of runs) await world.ended(run, state + 1)
  })()
  return {
    end: async () => {
      stop.abort()
      await work
      await waitFor('all is told', () => world.quiet(), 60_000)
      expect(cardFaults(await world.told(), await world.seen())).toEqual([])
      expect(wentBack(await world.drawings())).toEqual([])
    },
  }
}

const speaks = (world: Rig, number: number, since: Date, withinMs?: number) =>
  waitFor(`front ${number} speaks`, async () => (await world.spoken(number, since)) > 0, withinMs)

test('of two fronts one speaks; when it is killed the other goes on within seconds, and keeps to the limits', async () => {
  const world = await rig()
  const one = await world.front()
  await waitFor('it leads', async () => (await leaderEpoch(world)) === 1)
  const two = await world.front()
  const { end } = await moving(world)
  await speaks(world, one.number, new Date(0))
  await pause(2_000)
  expect(await world.spoken(two.number, new Date(0))).toBe(0)
  const killed = new Date()
  await one.process.kill()
  await speaks(world, two.number, killed, 5_000)
  await end()
  const refused = (await world.control.calls()).filter(({ status }) => status === 429)
  expect(refused.length).toBeLessThanOrEqual(1)
}, 120_000)

test('a front that was frozen while it spoke says nothing when it wakes up after another took over', async () => {
  const world = await rig(size.hungAfterMs)
  const fronts = [await world.front()]
  await waitFor('it leads', async () => (await leaderEpoch(world)) === 1)
  fronts.push(await world.front())
  const { end } = await moving(world)
  for (let time = 0; time < size.frozen; time++) {
    const [frozen, other] = time % 2 === 0 ? fronts : fronts.toReversed()
    if (!frozen || !other) throw new Error('two fronts are needed')
    await speaks(world, frozen.number, new Date())
    const epoch = await leaderEpoch(world)
    frozen.process.signal('SIGSTOP')
    await waitFor('the other leads', async () => (await leaderEpoch(world)) > epoch, size.hungAfterMs * 2 + 10_000)
    await speaks(world, other.number, new Date())
    const woken = new Date()
    frozen.process.signal('SIGCONT')
    await pause(full ? 20_000 : 2_500)
    expect(await world.spoken(frozen.number, woken)).toBe(0)
    expect(await world.spoken(other.number, woken)).toBeGreaterThan(0)
  }
  await end()
}, 400_000)

async function leaderEpoch(world: Rig): Promise<number> {
  const { rows } = await world.world.query<{ epoch: string }>('select epoch from shipmate.leaders')
  return Number(rows[0]?.epoch ?? 0)
}
