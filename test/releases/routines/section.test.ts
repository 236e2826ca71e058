import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { requireRoutineGuides } from '../../../src/app/routine-guides.js'
import { parseCatalogue } from '../../../src/releases/catalogue-text.js'
import { tickDenied } from '../../../src/releases/routines/owners.js'
import type { Routine } from '../../../src/releases/routines/routine.js'
import { shopCatalogue, shopText } from '../../support/shop.js'

const example = readFileSync('shipmate.example.yml', 'utf8')

function mistakes(from: string, to: string): string {
  expect(example).toContain(from)
  try {
    parseCatalogue(example.replace(from, to), 'shipmate.yml', {})
    return ''
  } catch (error) {
    return String(error).replace(/shipmate\.yml:\d+:\d+: /g, '')
  }
}

test('what is left out has its usual value', () => {
  const { routines } = parseCatalogue(example, 'shipmate.example.yml', {})
  expect(routines.certificates).toEqual({
    ...{ name: 'certificates', every: '0 9 * * 1', channel: 'C0OPS', guide: 'certificate-expiring' },
    says: 'Look whether every certificate is good for 30 days, the ones that nothing renews by itself too.',
    ...{ within: 8 * 3_600_000, evidence: 'optional', escalate: null },
    owner: { people: [], groups: ['platform-engineers'], onCall: null },
  })
  expect(routines['restore-drill']?.owner).toEqual({ people: [], groups: [], onCall: 'storefront' })
  expect(shopCatalogue(shopText.replace(/\nroutines:[\s\S]*$/, '\n')).routines).toEqual({})
})

test.each([
  [
    'a schedule that is none',
    'every: 0 9 * * 1\n',
    'every: on mondays\n',
    'routines.certificates.every: wanted five fields of cron such as "0 2 * * *", came "on mondays"',
  ],
  [
    'a channel by its name',
    'channel: C0OPS\n    # So long',
    'channel: "#ops"\n    # So long',
    'routines.certificates.channel: wanted a channel id such as "C02ABCDEF" (in Slack: channel details, at the end), came "#ops"',
  ],
  [
    'a rota of a service that does not exist',
    'onCall: storefront\n    channel',
    'onCall: storefrnt\n    channel',
    'routines.restore-drill.owner.onCall: wanted a service, came "storefrnt", which does not exist. Did you mean "storefront"?',
  ],
  [
    'nobody whose it is',
    '      groups: [platform-engineers]\n      people: []\n    channel',
    '      people: []\n    channel',
    'routines.certificates.owner: wanted people, groups or onCall, came keys with values',
  ],
  [
    'a time that is over before anybody reads of it',
    'within: 8h',
    'within: 30s',
    'routines.certificates.within: wanted a duration of at least "1m", came "30s"',
  ],
  [
    'a word that is none of those possible',
    'evidence: required',
    'evidence: requird',
    'routines.restore-drill.evidence: wanted "optional" or "required", came "requird". Did you mean "required"?',
  ],
])('%s is told with what was wanted', (_what, from, to, words) => {
  expect(mistakes(from, to)).toContain(words)
})

test('a service that nobody is ever on call for owns nothing', () => {
  const without = shopText.replace(/\nonCall:[\s\S]*?(?=\n# Asked for on)/, '\n')
  expect(() => shopCatalogue(without)).toThrow(
    'routines.restore-drill.owner.onCall: wanted a service that somebody is on call for, came "storefront", which has no rota. Give it one under onCall.services, or set onCall.default.',
  )
})

test('a guide that nobody has is told at start, with the one that was meant', async () => {
  const catalogue = (guide: string) => shopCatalogue(shopText.replace('guide: lost-data', `guide: ${guide}`))
  await expect(requireRoutineGuides(catalogue('lost-data'))).resolves.toBeUndefined()
  await expect(requireRoutineGuides(catalogue('lost-dta'))).rejects.toMatchObject({
    ...{ kind: 'refused', code: 'routine-guide-unknown' },
    message: 'routines.restore-drill.guide of the operator’s file names no guide.',
    next: 'Did you mean "lost-data"?',
  })
})

test('its owners may say that it is done, whoever was called for it, and the admins; nobody else, and nobody unknown', () => {
  const now = new Date()
  const routine = shopCatalogue().routines['restore-drill'] as Routine
  const standing = (id: string, groups: string[] = [], barred: string | null = null) => ({
    ...{ id, name: id, barred, groups, zone: null, asOf: now },
  })
  const called = { people: ['U0DUTY'], groups: [] }
  const may = (one: Parameters<typeof tickDenied>[3]) => tickDenied(routine, called, 'admins', one, now)
  expect(may(standing('U1', ['release-managers']))).toBeNull()
  expect(may(standing('U2', ['incident-commanders']))).toBeNull()
  expect(may(standing('U0DUTY'))).toBeNull()
  expect(may(standing('U3', ['admins']))).toBeNull()
  expect(may(standing('U4', ['release-managers'], 'a guest'))).toMatchObject({ code: 'barred' })
  expect(may(null)).toMatchObject({ code: 'standing-unknown' })
  expect(may(standing('U5'))).toEqual({
    code: 'routine-of-others',
    what: 'restore-drill stays as it is.',
    why: 'It belongs to @release-managers, or whoever is on call for storefront; you are not among them.',
    next: 'Ask one of them, or somebody in @admins, to say that it is done.',
  })
})
