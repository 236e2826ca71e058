import { expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { failed } from '../../../src/errors.js'
import { createAwayDirectory, shownMoment } from '../../../src/jobs/desk/away.js'
import { silentLog } from '../../../src/log.js'
import type { Directory, MemberList } from '../../../src/releases/people.js'
import { unproven } from '../../../src/releases/permission.js'

const hour = 3_600_000
const readAt = new Date('2026-03-02T13:02:00Z')
const list: MemberList = {
  team: 'T0',
  readAt,
  people: [{ id: 'U0RITA', name: 'Rita' }],
  groups: { 'release-managers': ['U0RITA', 'U0GONE'] },
}

const says = (error: Error): Directory => ({
  standing: () => Promise.reject(error),
  members: () => Promise.reject(error),
})
const unreachable = failed('directory-unreachable', 'no answer', { details: { away: true } })
const after = (ms: number) => new Date(readAt.getTime() + ms)

function directory(live: Directory, last: MemberList | null = list, limit = 4 * hour) {
  const lists = { keep: async () => {}, last: async () => last }
  const clock = { ...systemClock, now: () => after(60_000) }
  return createAwayDirectory({ live, lists, limit, clock, log: silentLog })
}

test('a Slack that cannot be reached is stood in for by the last member list, which says how old it is', async () => {
  const standing = await directory(says(unreachable)).standing('U0RITA')
  expect(standing).toMatchObject({ name: 'Rita', barred: null, groups: ['release-managers'], asOf: readAt })
  expect(unproven(standing, after(60_000), 'No.')).toBeNull()
})

test('a Slack that answers and says no is believed: the list is for silence alone', async () => {
  const no = failed('directory-unreachable', 'missing_scope', { details: {} })
  await expect(directory(says(no)).standing('U0RITA')).rejects.toBe(no)
})

test('who is not on the list is nobody, whatever groups still name them', async () => {
  const standing = await directory(says(unreachable)).standing('U0GONE')
  expect(standing.groups).toEqual([])
  expect(unproven(standing, after(60_000), 'No.')).toMatchObject({ code: 'barred' })
})

test('a list older than the operator allows decides nothing, and the refusal says both ages', async () => {
  const standing = await directory(says(unreachable)).standing('U0RITA')
  expect(unproven(standing, after(4 * hour), 'No.')).toBeNull()
  expect(unproven(standing, after(5 * hour), 'No.')).toMatchObject({
    code: 'member-list-too-old',
    why: expect.stringMatching(/is 5 h old; the operator's file believes one for 4 h/),
  })
})

test('without a list, or where the operator wants none, nothing is allowed', async () => {
  await expect(directory(says(unreachable), null).standing('U0RITA')).rejects.toMatchObject({
    code: 'member-list-missing',
  })
  await expect(directory(says(unreachable), list, 0).standing('U0RITA')).rejects.toMatchObject({
    code: 'member-list-missing',
    came: expect.stringMatching(/people\.snapshot is 0s/),
  })
})

test('a moment of today is its time of day, one of another day has its date', () => {
  expect(shownMoment(readAt, after(hour), 'Europe/Rome')).toBe('14:02')
  expect(shownMoment(readAt, after(24 * hour), 'Europe/Rome')).toBe('2026-03-02 14:02')
})
