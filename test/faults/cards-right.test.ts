import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { Fault } from '../../playground/workspace/protocol.js'
import { silentLog } from '../../src/log.js'
import { createSlackWeb } from '../../src/slack/web.js'
import { atFullSize } from '../support/parts.js'
import { waitFor } from '../support/wait-for.js'
import { cardFaults, runOf, wentBack } from './cards-right.js'
import { openRig, type Place, type Rig } from './fronts.js'

const full = atFullSize('cards-right')
const size = full ? { runs: 200, apartMs: 1_800, kills: 12, cuts: 20 } : { runs: 8, apartMs: 300, kills: 2, cuts: 2 }

async function rig(): Promise<Rig> {
  const opened = await openRig()
  onTestFinished(opened.close)
  return opened
}

/** All cards are right by then: changes of messages are 50 a minute, and each card needs one after its run's end. */
const withinMs = Math.max(60_000, 1.25 * size.runs * 1_200)

/** A run of some states and two replies, then its end. */
async function lived(world: Rig, number: number): Promise<void> {
  const place: Place = number % 2 === 0 ? 'one' : 'two'
  const run = await world.begun(place)
  for (let state = 1; state <= 4; state++) {
    await world.moved(run, state)
    if (state === 2 || (state === 4 && !full)) await world.said(run, `reply ${state} of ${number}`)
    await pause(600)
  }
  await world.ended(run, 9)
}

const faults: Fault[] = [
  { kind: 'drop', method: 'chat.postMessage', times: 1 },
  { kind: '429', method: 'chat.update', times: 1, retry_after_s: 1 },
  { kind: '5xx', times: 1 },
  { kind: 'slow', method: 'chat.postMessage', times: 1, delay_ms: 2_500 },
  { kind: 'refuse', times: 1 },
  { kind: 'slow', method: 'chat.update', times: 1, delay_ms: 700 },
]

/** Slack's bad days, one after the other, while fronts are killed and started anew. */
async function stormed(world: Rig, over: () => boolean): Promise<void> {
  const [fronts, done] = [[await world.front(), await world.front()], { kills: 0, cuts: 0 }]
  for (let turn = 0; !over(); turn++) {
    const fault = faults[turn % faults.length]
    // Each refusal lowers what is tried for a long time, as it should: more of them would be another Slack.
    if (fault && (fault.kind !== '429' || turn < faults.length)) await world.control.fault(fault)
    await pause(full ? 2_500 : 700)
    if (turn % 3 === 1 && done.cuts++ < size.cuts) world.wire.cut()
    if (turn % 4 !== 2 || done.kills++ >= size.kills) continue
    const oldest = fronts.shift()
    await oldest?.process.kill()
    fronts.push(await world.front())
  }
  await world.control.clearFaults()
}

test('after a storm every card is right, one for each run, with its replies in order and none twice', async () => {
  const world = await rig()
  let over = false
  const storm = stormed(world, () => over)
  const runs = Array.from({ length: size.runs }, async (_, number) => {
    await pause(number * size.apartMs)
    await lived(world, number)
  })
  await Promise.all(runs)
  over = true
  await storm
  await waitFor('all is told', () => world.quiet(), withinMs)
  expect(cardFaults(await world.told(), await world.seen())).toEqual([])
  expect(wentBack(await world.drawings())).toEqual([])
}, 900_000)

test('the checker sees a card that is old, one that is there twice, one that is gone, and a reply twice', async () => {
  const world = await rig()
  await world.front()
  await lived(world, 0)
  await waitFor('all is told', () => world.quiet(), 30_000)
  const [told, seen] = [await world.told(), await world.seen()]
  expect(cardFaults(told, seen)).toEqual([])
  const card = seen.find((message) => runOf(message) !== null)
  if (!card || !told[0]) throw new Error('no card')
  const web = createSlackWeb({ token: world.token, apiUrl: world.apiUrl, log: silentLog })
  const { channel, ts, text, blocks } = card
  const thread = seen.find((message) => message.thread === ts)
  const { ts: copy } = (await posted(web, { channel, text, blocks })) as { ts: string }
  expect(cardFaults(told, await world.seen())).toEqual([expect.stringContaining('has 2 cards')])
  await web.call('chat.delete', { channel, ts: copy })
  await posted(web, { channel, thread_ts: ts, text: thread?.text })
  expect(cardFaults(told, await world.seen())).toEqual([expect.stringMatching(/was to say .* and said/)])
  const older = JSON.parse(JSON.stringify(blocks).replaceAll('state 9!', 'state 3!'))
  await web.call('chat.update', { channel, ts, text, blocks: older })
  expect(cardFaults(told, await world.seen())[0]).toContain('and its card says')
  expect(wentBack(await world.drawings())).toEqual([expect.stringContaining('back to 3')])
  await web.call('chat.delete', { channel, ts })
  expect(cardFaults(told, await world.seen())[0]).toContain('has 0 cards')
}, 120_000)

async function posted(web: ReturnType<typeof createSlackWeb>, message: object): Promise<unknown> {
  const answer = await web.call('chat.postMessage', { ...message })
  if (!answer.ok) throw new Error(JSON.stringify(answer))
  return answer.data
}
