import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Actor, RunView } from '../../src/runs/run.js'
import { askPostKey } from '../../src/runs/settling.js'
import { atFullSize } from '../support/parts.js'
import { type Fate, type OutboxWorld, outboxWorld } from './outbox-world.js'
import { answered, deploySteps, max, passedGates, rita, scene } from './scenes.js'
import { textOf } from './text-of.js'

/** A run at work whose progress says which state of the rows it is. */
function working(run: number, state: number): RunView {
  const view = scene({
    told: { move: { state: 'running', progress: { done: state, total: 100, text: `state ${state}!` } } },
    run: { id: run, state: 'running', startedAt: new Date(Date.UTC(2026, 10, 23, 14)) },
  })
  return view
}

const ended = (run: number, state: number): RunView => {
  const view = scene({
    run: {
      id: run,
      state: 'failed',
      startedAt: new Date(Date.UTC(2026, 10, 23, 14)),
      reason: { code: 'x', text: `state ${state}!` },
    },
  })
  return view
}

const stateIn = (message: unknown) => Number(/state (\d+)!/.exec(JSON.stringify(message))?.[1] ?? -1)
const shownNow = ({ rows, slack }: OutboxWorld, run: number) =>
  slack.messages.get(rows.runs.get(run)?.at?.ts ?? '')?.at(-1)

describe('the outbox', () => {
  it('posts a card once and then changes it', async () => {
    const world = outboxWorld()
    world.rows.change(working(1, 1))
    await world.pass(2_000)
    world.rows.change(working(1, 2))
    await world.pass(10_000)
    expect(world.slack.calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.update'])
    expect(stateIn(shownNow(world, 1))).toBe(2)
  })

  it('tells a deploy of ten steps of three seconds each in at most 12 calls, with the call for approval', async () => {
    const world = outboxWorld()
    const calls = await tenSteps(world)
    // Three more ask who the requester and the approver are, and who belongs to which group.
    expect(calls + 3).toBeLessThanOrEqual(12)
    expect(textOf(shownNow(world, 482) as never)).toContain('is live in *prod*')
  })

  it('draws the newest state when many changes came', async () => {
    const world = outboxWorld()
    for (let state = 1; state <= 50; state++) {
      world.rows.change(working(1, state))
      await world.pass(100)
    }
    await world.pass(10_000)
    expect(stateIn(shownNow(world, 1))).toBe(50)
    expect(world.slack.calls.length).toBeLessThanOrEqual(4)
  })

  it('does not send a drawing again that Slack already has', async () => {
    const world = outboxWorld()
    const view = scene({ run: { id: 1, state: 'queued', plan: null, ahead: 3 } })
    world.rows.change(view)
    await world.pass(2_000)
    world.rows.change(view)
    await world.pass(10_000)
    expect(world.slack.calls.length).toBe(1)
    expect(await world.rows.telling.staleCards(10)).toEqual([])
  })

  it('shows at once what people act on, and progress later', async () => {
    const world = outboxWorld()
    world.rows.change(working(1, 1))
    await world.pass(2_000)
    world.rows.change(working(1, 2))
    await world.pass(2_000)
    expect(world.slack.calls.length).toBe(1)
    world.rows.change(ended(1, 3))
    await world.pass(500)
    expect(stateIn(shownNow(world, 1))).toBe(3)
  })

  it('begins a card with the question, when plan and gates are there within a second', async () => {
    const world = outboxWorld()
    world.rows.change(scene({ run: { state: 'queued', plan: null } }))
    await world.pass(300)
    world.rows.change(scene({ told: { ci: 'running' }, run: { state: 'running' } }))
    await world.pass(300)
    world.rows.change(scene({ told: { ...passedGates, approve: 'waiting' } }))
    await world.pass(1_500)
    expect(world.slack.calls.map(({ method }) => method)).toEqual(['chat.postMessage'])
    expect(textOf(shownNow(world, 482) as never)).toContain('waiting for approval')
  })

  it('shows the last approval together with what its worker makes of it, and each one before at once', async () => {
    const world = outboxWorld()
    const asked = scene({ told: { approve: 'waiting' } })
    const approvedBy = (...people: Actor[]) => ({
      ...asked,
      answers: people.map((one) => answered(asked, one, 'approve', world.clock.now())),
    })
    world.rows.change(asked)
    await world.pass(2_000)
    world.rows.change(approvedBy(rita))
    await world.pass(500)
    expect(textOf(shownNow(world, 482) as never)).toContain('1 of 2')
    await world.pass(2_000)
    world.rows.change(approvedBy(rita, max))
    await world.pass(600)
    world.rows.change(scene({ told: { approve: 'passed', migrate: 'running' }, run: { state: 'running' } }))
    await world.pass(1_500)
    expect(world.slack.calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.update', 'chat.update'])
  })

  it('redraws a run that works for long though no row changed, ever more rarely', async () => {
    const world = outboxWorld()
    world.rows.change(working(1, 1))
    await world.pass(600_000, 500)
    const gaps = world.slack.calls
      .map(({ at }) => at)
      .map((at, index, all) => at - (all[index - 1] ?? at))
      .slice(1)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(15_000)
    expect(gaps.at(-1)).toBeGreaterThanOrEqual(50_000)
  })

  it('waits as long as Slack says before the same method again, and posts meanwhile', async () => {
    const world = outboxWorld()
    world.rows.change(working(1, 1))
    await world.pass(2_000)
    world.slack.fates.push('limited')
    world.rows.change(ended(1, 2))
    await world.pass(500)
    world.rows.change(working(2, 1))
    await world.pass(1_500)
    const methods = world.slack.calls.map(({ method, fate }) => `${method} ${fate}`)
    expect(methods).toEqual(['chat.postMessage ok', 'chat.update limited', 'chat.postMessage ok'])
    await world.pass(4_000)
    expect(stateIn(shownNow(world, 1))).toBe(2)
  })

  it('keeps everything while Slack does not answer and tells it in order when it is back', async () => {
    const world = outboxWorld()
    world.rows.change(working(1, 1))
    for (const word of ['first', 'second', 'third']) world.rows.say(1, `say:${word}:1`, word)
    world.slack.fates.push('deaf', 'busy', 'deaf')
    await world.pass(3_000)
    expect(world.outbox().problems()[0]).toMatch(
      /^Slack does not answer \((fetch failed|HTTP 503)\)\. Runs go on; cards are drawn when it is back\.$/,
    )
    await world.pass(60_000)
    const told = world.slack.calls
      .filter(({ fate, thread }) => fate === 'ok' && thread)
      .map(({ message }) => message.text)
    expect(told).toEqual(['first', 'second', 'third'])
    expect(world.outbox().problems()).toEqual([])
  })

  it('posts a card anew when its message is gone, and uses that one from then on', async () => {
    const world = outboxWorld()
    world.rows.change(working(1, 1))
    await world.pass(2_000)
    world.slack.messages.clear()
    world.rows.change(ended(1, 2))
    await world.pass(3_000)
    expect(world.slack.messages.size).toBe(1)
    expect(stateIn(shownNow(world, 1))).toBe(2)
  })

  it('says what to do when the channel does not take messages, and tries again more and more rarely', async () => {
    const world = outboxWorld()
    world.slack.fates.push(...Array.from({ length: 3 }, (): Fate => ({ refuses: 'not_in_channel' })))
    world.rows.change(working(1, 1))
    await world.pass(40_000, 500)
    expect(world.outbox().problems()).toEqual([
      'Slack refuses messages in C0PROD (not_in_channel). Invite the app there: /invite @shipmate.',
    ])
    await world.pass(120_000, 500)
    expect(stateIn(shownNow(world, 1))).toBe(1)
    expect(world.outbox().problems()).toEqual([])
  })

  it('sends the words alone when Slack refuses the drawing, so that people are told', async () => {
    const world = outboxWorld()
    world.slack.fates.push({ refuses: 'invalid_blocks' })
    world.rows.change(ended(1, 1))
    await world.pass(3_000)
    expect(shownNow(world, 1)?.blocks.length).toBe(1)
    expect(stateIn(shownNow(world, 1))).toBe(1)
  })

  it('names the variable and the page when the token is wrong', async () => {
    const world = outboxWorld()
    world.slack.fates.push({ refuses: 'invalid_auth' })
    world.rows.change(ended(1, 1))
    await world.pass(500)
    expect(world.outbox().problems()[0]).toBe(
      'Slack does not accept SLACK_BOT_TOKEN (invalid_auth). Open https://api.slack.com/apps, choose the app, copy the Bot User OAuth Token from "OAuth & Permissions", set SLACK_BOT_TOKEN and start again.',
    )
  })

  async function diedBeforeRecording(allowed: boolean) {
    const world = outboxWorld()
    world.slack.looks.allowed = allowed
    world.rows.change(working(1, 1))
    const { cardDrawn } = world.rows.telling
    world.rows.telling.cardDrawn = async () => {
      throw new Error('the database is gone')
    }
    await expect(world.pass(2_000)).rejects.toThrow('gone')
    world.rows.telling.cardDrawn = cardDrawn
    world.restart()
    await world.pass(10_000)
    expect(stateIn(shownNow(world, 1))).toBe(1)
    return world.slack.calls.filter(({ method }) => method === 'chat.postMessage').length
  }

  it('finds the card that it posted before it died, and draws that one', async () => {
    expect(await diedBeforeRecording(true)).toBe(1)
  })

  it('costs one duplicate where it may not look', async () => {
    expect(await diedBeforeRecording(false)).toBe(2)
  })

  it('posts nothing twice, card or reply, though Slack did not answer, and looks only then', async () => {
    const world = outboxWorld()
    world.slack.fates.push('lost')
    world.rows.change(working(1, 1))
    await world.pass(10_000)
    world.slack.fates.push('lost', 'lost')
    world.rows.say(1, 'a', 'first')
    world.rows.say(1, 'b', 'second')
    await world.pass(20_000)
    const posts = world.slack.calls.filter(({ method }) => method === 'chat.postMessage')
    expect(posts.map(({ message }) => message.text)).toEqual([posts[0]?.message.text, 'first', 'second'])
    expect(world.slack.looks.made).toBe(3)
    world.rows.say(1, 'c', 'third')
    await world.pass(2_000)
    expect(world.slack.looks.made).toBe(3)
    expect(await world.rows.telling.sendings()).toEqual([])
  })

  it('calls the people who must answer once, and nobody when they already have', async () => {
    const world = outboxWorld()
    const view = scene({ told: { approve: { state: 'waiting', deadline: new Date(Date.UTC(2026, 10, 23, 14, 32)) } } })
    world.rows.change(view)
    world.rows.say(482, askPostKey('approve', 1, 1), 'Ship it?')
    await world.pass(5_000)
    const calls = world.slack.calls.filter(({ thread }) => thread)
    expect(calls.map(({ message }) => message.text.replace(/<!date[^>]*\|([^>]*)>/, '$1'))).toEqual([
      '<!subteam^S0RELEASE>: storefront v1.8.0 → prod waits for 2 approvals until 14:32 UTC.',
    ])
    world.rows.say(482, askPostKey('approve', 1, 2), 'Ship it?')
    world.rows.change(scene({ told: { approve: 'passed' }, run: { state: 'running' } }))
    await world.pass(5_000)
    expect(world.slack.calls.filter(({ thread }) => thread).length).toBe(1)
    expect(world.rows.posts[1]?.gaveUp).toBe('nobody has to be told any more')
  })

  it('stays inside Slack’s limits with forty runs at once, and shows every end within the minute', async () => {
    const world = outboxWorld()
    for (let second = 0; second < 120; second += 3) {
      for (let run = 1; run <= 40; run++) world.rows.change(working(run, second))
      await world.pass(3_000, 500)
    }
    for (let run = 1; run <= 40; run++) world.rows.change(ended(run, 999))
    await world.pass(60_000, 250)
    for (let run = 1; run <= 40; run++) expect(stateIn(shownNow(world, run))).toBe(999)
    expect(mostInAMinute(world, 'chat.update')).toBeLessThanOrEqual(47)
    expect(Math.min(...gapsOf(world, 'chat.postMessage'))).toBeGreaterThanOrEqual(1_000)
  })

  it('never shows an older state over a newer one, and the newest at the end, whatever Slack does', async () => {
    const fate = fc.oneof(
      { weight: 6, arbitrary: fc.constant<Fate>('ok') },
      fc.constantFrom<Fate>(
        'limited',
        'deaf',
        'busy',
        'lost',
        { refuses: 'message_not_found' },
        { refuses: 'fatal_error' },
        { refuses: 'is_archived' },
      ),
    )
    const move = fc.record({
      run: fc.integer({ min: 1, max: 3 }),
      wait: fc.constantFrom(0, 100, 900, 4_000, 9_000),
      restart: fc.constantFrom(false, false, false, true),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 25 }),
        fc.array(move, { minLength: 1, maxLength: 25 }),
        async (fates, moves) => {
          const world = outboxWorld()
          world.slack.fates.push(...fates)
          let state = 0
          for (const { run, wait, restart } of moves) {
            world.rows.change(working(run, ++state))
            if (restart) world.restart()
            await world.pass(wait, 500)
          }
          for (const run of new Set(moves.map(({ run }) => run))) world.rows.change(ended(run, ++state))
          world.slack.fates.length = 0
          await world.pass(700_000, 5_000)
          holds(world)
        },
      ),
      { numRuns: atFullSize('never-older') ? 10_000 : 200 },
    )
  }, 420_000)
})

const times = (world: OutboxWorld, method: string) =>
  world.slack.calls.filter((call) => call.method === method).map(({ at }) => at)
const gapsOf = (world: OutboxWorld, method: string) =>
  times(world, method).map((at, index, all) => at - (all[index - 1] ?? Number.NEGATIVE_INFINITY))

function mostInAMinute(world: OutboxWorld, method: string): number {
  const all = times(world, method)
  return Math.max(...all.map((at) => all.filter((other) => other >= at && other < at + 60_000).length))
}

function holds(world: OutboxWorld): void {
  for (const [run, row] of world.rows.runs) {
    expect(stateIn(shownNow(world, run))).toBe(stateIn(row.view.run.reason))
    expect(row.drawn).toBe(row.version)
  }
  const gone = world.slack.calls.filter(({ fate }) => typeof fate === 'object' && fate.refuses === 'message_not_found')
  expect(world.slack.messages.size).toBeLessThanOrEqual(world.rows.runs.size + gone.length)
  for (const drawings of world.slack.messages.values()) {
    const states = drawings.map(stateIn)
    expect(states).toEqual([...states].sort((a, b) => a - b))
  }
  const updates = world.slack.calls.filter(({ method }) => method === 'chat.update')
  for (const [index, call] of updates.entries()) {
    const before = updates.slice(0, index).findLast(({ ts, fate }) => ts === call.ts && fate === 'ok')
    if (before) expect(call.at - before.at).toBeGreaterThanOrEqual(1_000)
  }
}

/** Queued, planned, approved by two, ten steps of three seconds, done: with the call for approval in the thread. */
async function tenSteps(world: OutboxWorld): Promise<number> {
  const step = deploySteps[6]
  const approve = deploySteps[4]
  if (!step || !approve) throw new Error('no such steps')
  const steps = [
    approve,
    ...Array.from({ length: 10 }, (_, index) => ({ ...step, key: `step-${index}`, title: `step ${index}` })),
  ]
  const told = (done: number, more = {}) => ({
    ...Object.fromEntries(
      steps
        .slice(1)
        .map(({ key }, index) => [key, index < done ? 'passed' : index === done ? 'running' : 'pending'] as const),
    ),
    ...more,
  })
  world.rows.change(scene({ steps, run: { state: 'queued', plan: null } }))
  await world.pass(100)
  world.rows.change(scene({ steps, run: { state: 'planning', plan: null } }))
  await world.pass(400)
  const waiting = scene({ steps, told: { approve: { state: 'waiting' } } })
  world.rows.change(waiting)
  world.rows.say(482, askPostKey('approve', 1, 1), 'Ship it?')
  await world.pass(20_000)
  world.rows.change({ ...waiting, answers: [answered(waiting, rita, 'approve', world.clock.now())] })
  await world.pass(100)
  const startedAt = world.clock.now()
  for (let done = 0; done < 10; done++) {
    world.rows.change(scene({ steps, told: told(done, { approve: 'passed' }), run: { state: 'running', startedAt } }))
    for (let second = 1; second <= 3; second++) {
      await world.pass(1_000)
      world.rows.change(
        scene({
          steps,
          told: told(done, {
            approve: 'passed',
            [`step-${done}`]: { state: 'running', progress: { done: second, total: 3, text: `${second} of 3` } },
          }),
          run: { state: 'running', startedAt },
        }),
      )
    }
  }
  world.rows.say(482, 'say:release-note:1', 'storefront v1.8.0 is live in prod.')
  world.rows.change(
    scene({
      steps,
      told: told(10, { approve: 'passed' }),
      run: { state: 'done', startedAt, endedAt: world.clock.now() },
    }),
  )
  await world.pass(60_000)
  return world.slack.calls.length
}
