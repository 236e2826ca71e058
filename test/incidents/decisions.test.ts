import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dueNow } from '../../src/incidents/due.js'
import type { GateLine, Update } from '../../src/incidents/incident.js'
import { note } from '../../src/incidents/notes.js'
import { archive, gateState, reopen, resolve } from '../../src/incidents/resolving.js'
import { claimRole, handOverRole } from '../../src/incidents/roles.js'
import { proposed, setSeverity } from '../../src/incidents/severity.js'
import { draftUpdate, nextReminder, publishUpdate, updateReminder } from '../../src/incidents/updates.js'
import { changeOf, marco, minute, rita, settings, viewWith } from './scene.js'

const by = (view = viewWith(), actor = rita, minutes = 7) => ({ view, by: actor, now: minute(minutes) })
const roles = [
  { role: 'commander', person: marco, since: minute(1) },
  { role: 'communications', person: null, since: null },
]

describe('a role', () => {
  it('is claimed by whoever presses first, which also says that somebody is there', () => {
    const change = changeOf(claimRole(by(), 'commander'))
    expect(change.set?.roles?.[0]).toEqual({ role: 'commander', person: rita, since: minute(7) })
    expect(change.set?.acknowledgedAt).toEqual(minute(7))
  })
  it('that somebody has is not taken from them: the second one is told who has it', () => {
    const decision = claimRole(by(viewWith({ roles })), 'commander')
    expect(decision).toMatchObject({ kind: 'denied', denial: { code: 'role-taken', why: 'Marco is commander.' } })
  })
  it('is handed over with a brief to whoever gets it', () => {
    const change = changeOf(handOverRole(by(viewWith({ roles }), marco), 'commander', rita))
    expect(change.timeline?.[0]?.text).toBe('Rita is commander, taking over from Marco.')
    expect(change.posts?.find(({ to }) => to.kind === 'person')?.text).toContain('You are commander of INC-31 (SEV2)')
  })
  it('that does not exist is refused with those that do', () => {
    expect(claimRole(by(), 'king')).toMatchObject({ denial: { code: 'role-unknown' } })
  })
})

describe('the severity', () => {
  const impact = (requests: number | null, users: number | null = null) =>
    proposed({ text: '', requests, users, since: null, evidence: [] })
  it('is proposed from the figures, never without one', () => {
    expect(impact(0.38)).toEqual({ severity: 'SEV1', why: '38 % of requests see it' })
    expect(impact(0.05)?.severity).toBe('SEV2')
    expect(impact(0.001, 0.06)).toEqual({ severity: 'SEV2', why: '6.0 % of users see it' })
    expect(impact(0)?.severity).toBe('SEV4')
    expect(impact(null)).toBeNull()
    expect(impact(null, 0)).toBeNull()
  })
  it('that rises is said in the channel and brings the next update forward, never back', () => {
    const soon = setSeverity(by(viewWith({ nextUpdate: minute(60) })), 'SEV1', settings)
    expect(changeOf(soon).set?.nextUpdate).toEqual(minute(22))
    expect(changeOf(soon).posts?.[0]?.to).toEqual({ kind: 'room' })
    const kept = setSeverity(by(viewWith({ nextUpdate: minute(10) })), 'SEV3', settings)
    expect(changeOf(kept).set?.nextUpdate).toEqual(minute(10))
    expect(changeOf(kept).posts?.[0]?.to).toEqual({ kind: 'thread' })
  })
})

const line = (outcome: GateLine['outcome'], greenSince: number | null = null): GateLine => ({
  ...{ key: `k${Math.random()}`, text: 'errors under 1 %', outcome, at: minute(7) },
  greenSince: greenSince === null ? null : minute(greenSince),
})

describe('the resolve gate', () => {
  const state = (gate: GateLine[], minutes = 7) => gateState(gate, 5 * 60_000, minute(minutes))
  it('opens when everything that can be looked at has been green for long enough', () => {
    expect(state([line('pass', 1), line('skip'), line('warn', 2)])).toMatchObject({ open: true, green: 2, of: 2 })
    expect(state([line('pass', 1), line('pass', 4)])).toMatchObject({ open: false, opensAt: minute(9) })
    expect(state([line('pass', 1), line('fail')]).standing).toBe('1 of 2 checks green')
  })
  it('stays closed when nothing can be looked at, and an error is not green', () => {
    expect(state([]).open).toBe(false)
    expect(state([line('skip')]).open).toBe(false)
    expect(state([line('error'), line('pass', 0)]).open).toBe(false)
  })
  it('holds for people too, unless they give a reason, which everybody sees', () => {
    const view = viewWith({}, { gate: [line('fail')] })
    expect(resolve(by(view), settings, null)).toMatchObject({ kind: 'denied', denial: { code: 'gate-closed' } })
    const change = changeOf(resolve(by(view), settings, 'the check itself is broken'))
    expect(change.set).toMatchObject({ state: 'resolved', resolvedAt: minute(7), nextUpdate: null })
    expect(change.posts?.[0]?.text).toContain('against the gate (0 of 1 checks green): the check itself is broken')
    expect(change.audit?.[0]?.subject).toMatchObject({ override: true })
  })
})

describe('an end', () => {
  it('is no end twice, can be taken back, and comes before the archive', () => {
    expect(resolve(by(viewWith({ state: 'resolved' })), settings, 'x').kind).toBe('so already')
    expect(archive(by())).toMatchObject({ denial: { code: 'still-open' } })
    const back = changeOf(reopen(by(viewWith({ state: 'archived', resolvedAt: minute(5) })), settings, 'it is back'))
    expect(back.set).toMatchObject({ state: 'open', resolvedAt: null, archivedAt: null, nextUpdate: minute(37) })
  })
})

const draft = {
  ...{
    id: 4,
    text: 'Checkout is slow for some.',
    phase: 'investigating' as const,
    draftedBy: rita,
    draftedAt: minute(2),
  },
  ...{ audience: ['stakeholders' as const, 'status page' as const], publishedBy: null, publishedAt: null },
}

describe('an update', () => {
  it('is a draft until somebody publishes it, and the promise of the next one begins then', () => {
    expect(changeOf(draftUpdate(by(), draft)).updates?.add?.[0]).toMatchObject({ publishedAt: null, text: draft.text })
    const change = changeOf(publishUpdate(by(viewWith({}, { updates: [draft] })), 4, settings))
    expect(change.set?.nextUpdate).toEqual(minute(37))
    expect(change.posts?.map(({ to }) => to.kind)).toEqual(['thread'])
  })
  it('is published once', () => {
    const published = { ...draft, publishedBy: marco, publishedAt: minute(3) }
    const decision = publishUpdate(by(viewWith({}, { updates: [published] })), 4, settings)
    expect(decision).toEqual({ kind: 'so already', text: 'Marco published it already.' })
  })
  it('of a private incident is told nowhere outside', () => {
    const change = changeOf(publishUpdate(by(viewWith({ private: true }, { updates: [draft] })), 4, settings))
    expect(change.posts?.map(({ to }) => to.kind)).toEqual(['thread'])
  })
})

describe('reminders', () => {
  const promised = viewWith({ nextUpdate: minute(30) })
  const keyAt = (minutes: number) => updateReminder(promised, settings, minute(minutes))?.posts?.[0]?.key ?? null
  it('come shortly before, at the moment, and each time the promise is broken again; once each', () => {
    expect(keyAt(20)).toBeNull()
    expect(keyAt(23)).toBe(keyAt(29))
    expect(keyAt(30)).not.toBe(keyAt(29))
    expect(keyAt(59)).toBe(keyAt(30))
    expect(keyAt(61)).not.toBe(keyAt(30))
  })
  it('call the role holder on the card, else who is on duty, else who opened it', () => {
    const due = (view: typeof promised, onDuty: string | null) =>
      dueNow(view, settings, minute(31), onDuty).posts?.[0]?.drawing?.data.person
    expect(due(promised, 'U0IVY')).toBe('U0IVY')
    expect(due(promised, null)).toBe(rita.id)
    const roles = [{ role: 'commander', person: marco, since: minute(1) }]
    expect(due(viewWith({ nextUpdate: minute(30), roles }), 'U0IVY')).toBe(marco.id)
  })
  it('come of an incident that a person opened too, without anybody having promised anything', () => {
    const opened = (more: Parameters<typeof viewWith>[0] = {}, updates: Update[] = []) =>
      dueNow(viewWith(more, { updates }), settings, minute(7))
    expect(opened().set).toEqual({ nextUpdate: minute(30), wakeAt: minute(7.5) })
    expect(dueNow(viewWith(), settings, minute(31)).posts?.[0]?.key).toBe(`remind:${minute(30).getTime()}:0`)
    expect(opened({ nextUpdate: minute(30) }).set?.nextUpdate).toBeUndefined()
    expect(opened({ private: true }).set?.nextUpdate).toBeUndefined()
    expect(opened({ severity: 'SEV4' }).set?.nextUpdate).toBeUndefined()
    // The last word was published: nothing more is promised.
    expect(opened({}, [{ ...draft, publishedBy: marco, publishedAt: minute(3) }]).set?.nextUpdate).toBeUndefined()
  })
  it('are never skipped by the moment that is said to be the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 * 60 }), (seconds) => {
        const now = new Date(minute(0).getTime() + seconds * 1000)
        const next = nextReminder(promised, settings, now)
        const keyOf = (at: Date) => updateReminder(promised, settings, at)?.posts?.[0]?.key
        if (!next) throw new Error('something was promised')
        expect(next.getTime()).toBeGreaterThan(now.getTime())
        expect(keyOf(next)).not.toBe(keyOf(now))
        expect(keyOf(new Date(next.getTime() - 1))).toBe(keyOf(now))
      }),
    )
  })
})

it('a note with the same key is one note, and an empty one is refused', () => {
  const said = { key: 'pin:C31:1.1', text: ' the card network is fine ', at: minute(4) }
  expect(changeOf(note(by(), said)).timeline).toMatchObject([{ key: 'pin:C31:1.1', text: 'the card network is fine' }])
  expect(note(by(), { ...said, text: ' ' })).toMatchObject({ denial: { code: 'note-empty' } })
})
