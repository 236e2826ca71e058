import { describe, expect, it } from 'vitest'
import { replyLines } from '../../../src/cli/drawing/reply-lines.js'
import type { RoutineLine } from '../../../src/commands/reply.js'
import type { RoutineCall, RoutineDigest } from '../../../src/releases/routines/ports.js'
import type { Occurrence } from '../../../src/releases/routines/routine.js'
import { routinesMessage } from '../../../src/slack/replies/routines.js'
import { routineCallMessage } from '../../../src/slack/routines/call-message.js'
import { digestMessage } from '../../../src/slack/routines/digest-message.js'
import { homeView } from '../../../src/slack/views/home-view.js'
import { expectValidMessage, expectValidView } from '../../support/block-kit.js'
import { hostileTexts } from '../hostile-texts.js'
import { at } from '../scenes.js'
import { textOf } from '../text-of.js'

const now = at(30)
const rita = { kind: 'person' as const, id: 'U0RITA', name: 'Rita' }
let ids = 0

function occurrence(more: Partial<Occurrence> = {}, says = 'Look at all of them.'): Occurrence {
  ids += 1
  return {
    ...{ id: ids, routine: `certificates-${ids}`, missedAt: null, closedAt: null, ended: null },
    ...{ dueAt: at(0), openedAt: at(0), until: at(60) },
    asked: {
      ...{ says, guide: null, evidence: 'optional', whose: '@ops', unasked: 0 },
      called: { people: ['U0RITA'], groups: ['ops'] },
    },
    ...more,
  }
}

const digest = (occurrences: Occurrence[], earlier: Occurrence[] = []): RoutineDigest => ({
  ...{ id: 1, place: 'C0OPS', at: at(0), version: 1, channel: null, ts: null, shown: null, tries: 0 },
  ...{ occurrences, earlier },
})
const many = (count: number, more: Partial<Occurrence> = {}) => Array.from({ length: count }, () => occurrence(more))
const done = (note = '') => ({ as: 'done' as const, by: rita, at: at(20), note })

describe('the message of a day', () => {
  it('is one that Slack takes, with one and with very many', () => {
    for (const all of [[occurrence()], many(80), [...many(60), ...many(60, { ended: done('x'.repeat(900)) })]])
      expectValidMessage(digestMessage(digest(all, many(40)), now))
  })

  it('says in words what each sign says, what needs people first', () => {
    const all = [
      occurrence({ routine: 'a', ended: done('all good') }),
      occurrence({ routine: 'b', ended: { as: 'skipped', by: rita, at: at(20), note: 'no time' } }),
      occurrence({ routine: 'c', ended: done(), missedAt: at(10), until: at(10) }),
      occurrence({ routine: 'd', missedAt: at(10), until: at(10) }),
      occurrence({ routine: 'e' }),
      occurrence({ routine: 'f', closedAt: at(5) }),
    ]
    const words = textOf(digestMessage(digest(all), now))
    const lines = words.split('\n').filter((line) => /^[✗◷⚠✓–]/.test(line))
    expect(lines.map((line) => line.replace(/ \d\d:\d\d UTC/g, ''))).toEqual([
      '✗ *d* · missed: due, not done by',
      '◷ *e* · due until',
      '⚠ *c* · missed at, done by Rita',
      '✓ *a* · done by Rita: all good',
      '– *b* · skipped by Rita: no time',
      '– *f* · not asked for any more: the operator’s file has it no longer',
    ])
  })

  it('mentions nobody and disguises no link, whatever people write', () => {
    for (const text of hostileTexts) {
      const all = [
        occurrence({}, text),
        occurrence({ ended: done(text) }),
        occurrence({ ended: done(`https://${text}`) }),
      ]
      const drawn = digestMessage(digest(all), now)
      expectValidMessage(drawn)
      expect(JSON.stringify(drawn)).not.toMatch(/<[!@#](?!date)/)
    }
  })
})

describe('a call', () => {
  const call = (occurrences: Occurrence[], more: Partial<RoutineCall> = {}): RoutineCall => ({
    ...{ id: 1, kind: 'due', people: ['U0RITA'], groups: ['ops'], channel: 'C0OPS', ts: '1.0', tries: 0 },
    ...{ occurrences, ...more },
  })
  const words = async (one: RoutineCall) => (await routineCallMessage(one, async () => 'S0OPS', now))?.text

  it('names one with the end of its time, and several together', async () => {
    const a = occurrence({ routine: 'a' })
    expect(await words(call([a]))).toMatch(
      /^<!subteam\^S0OPS> and <@U0RITA>: a is due until .*\. The buttons are above\.$/,
    )
    expect(await words(call([a, occurrence({ routine: 'b' })]))).toContain('a and b are due.')
  })

  it('is not made for what was done meanwhile, and of what is over it asks nothing', async () => {
    expect(await words(call([occurrence({ ended: done() })]))).toBeUndefined()
    expect(await words(call([occurrence({ ended: done() })], { kind: 'missed' }))).toBeUndefined()
    const over = occurrence({ routine: 'a', missedAt: at(10), closedAt: at(20) })
    expect(await words(call([over], { kind: 'missed' }))).toContain('What comes next is asked for anew.')
  })

  it('says so when nobody is on call', async () => {
    expect(await words(call([occurrence({ routine: 'a' })], { people: [], groups: [] }))).toMatch(
      /^Nobody is on call: a is due/,
    )
  })
})

const line = (more: Partial<RoutineLine> = {}): RoutineLine => ({
  ...{ routine: 'certificates', says: 'Look.', guide: 'certificate-expiring', whose: '@ops', mine: true },
  ...{ open: occurrence(), next: at(600), lastDone: occurrence({ ended: done() }), missed: 1 },
  ...more,
})
const calendar = (lines: RoutineLine[]) => ({ kind: 'routines' as const, zone: 'Europe/Rome', days: 90, lines })

describe('the calendar', () => {
  it('is one that Slack takes, with buttons for what is mine alone', () => {
    const lines = Array.from({ length: 60 }, () => line())
    expectValidMessage(routinesMessage(calendar(lines), now))
    const buttons = (mine: boolean) =>
      JSON.stringify(routinesMessage(calendar([line({ mine })]), now)).includes('Skip…')
    expect([buttons(true), buttons(false)]).toEqual([true, false])
  })

  it('reads in the terminal as in Slack', () => {
    const idle = line({ routine: 'keys', open: null, lastDone: null, missed: 0, guide: null })
    expect(replyLines(calendar([line(), idle]), now)).toEqual([
      '1 of 2 routines waits for somebody; times are of Europe/Rome',
      expect.stringMatching(/^◷ certificates · due until .* · next /),
      '    Look at all of them.',
      expect.stringMatching(/^ {4}for @ops · last done .* by Rita · missed once in 90 days$/),
      '    how: shipmate ops guide certificate-expiring',
      expect.stringMatching(/^· keys · next /),
      '    Look.',
      '    for @ops · never done so far · missed 0 times in 90 days',
      'To say that one is done: shipmate ops routines done <name> [what shows it]',
    ])
  })
})

it('App Home has what is mine before what runs, and Slack takes it', () => {
  const nothing = { waitsForMe: [], running: [], broken: [], incidents: [], locked: [], may: [] }
  const view = homeView({ ...nothing, routines: many(30) }, { now, channelOf: () => null })
  expectValidView(view)
  expect(JSON.stringify(view)).toMatch(/Waits for you.*certificates-\d+.*Running/)
})
