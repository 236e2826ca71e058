import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Parsed } from '../../src/commands/command.js'
import { commands } from '../../src/commands/commands.js'
import { wordsOf } from '../../src/commands/words.js'
import { known, onlyProd } from './known.js'

function parse(text: string, names = known): Parsed {
  const [name, ...rest] = text.slice(1).split(' ')
  const command = commands.find((one) => one.name === name)
  const read = wordsOf(rest.join(' '))
  if (!command || !('words' in read)) throw new Error(`no such command: ${text}`)
  return command.parse(read.words, names)
}

const intent = (job: string, service: string, environment: string, input = {}) => ({
  kind: 'intent',
  intent: { job, service, environment, input },
})

const lockExample = '/ops lock prod for 2h because exam week'
const handOverExample = '/ops lock prod hand-over @rita'
const cancelExample = '/ops cancel 482 because the tests are red'

test.each([
  ['/deploy prod', intent('deploy', 'storefront', 'prod')],
  ['/deploy prod v1.8.0', intent('deploy', 'storefront', 'prod', { version: 'v1.8.0' })],
  ['/deploy v1.8.0 prod', intent('deploy', 'storefront', 'prod', { version: 'v1.8.0' })],
  ['/deploy storefront prod', intent('deploy', 'storefront', 'prod')],
  ['/deploy prod storefront v1.8.0', intent('deploy', 'storefront', 'prod', { version: 'v1.8.0' })],
  ['/deploy v1.8.0 of storefront to prod', intent('deploy', 'storefront', 'prod', { version: 'v1.8.0' })],
  ['/deploy Prod', intent('deploy', 'storefront', 'prod')],
  ['/deploy blog lab', intent('deploy', 'blog', 'lab')],
  ['/deploy prod latest', intent('deploy', 'storefront', 'prod')],
  ['/deploy storefront prod hotfix', intent('deploy', 'storefront', 'prod', { version: 'hotfix' })],
  ['/rollback prod', intent('rollback', 'storefront', 'prod')],
  ['/rollback storefront prod v1.7.3', intent('rollback', 'storefront', 'prod', { version: 'v1.7.3' })],
  ['/rollback prod back to v1.7.3', intent('rollback', 'storefront', 'prod', { version: 'v1.7.3' })],
  ['/scale prod 3', intent('scale', 'storefront', 'prod', { instances: 3 })],
  ['/scale 3 blog lab', intent('scale', 'blog', 'lab', { instances: 3 })],
  ['/scale prod to 3 instances', intent('scale', 'storefront', 'prod', { instances: 3 })],
  ['/scale prod x3', intent('scale', 'storefront', 'prod', { instances: 3 })],
])('"%s" is understood', (text, wanted) => {
  expect(parse(text)).toEqual(wanted)
})

test('with one environment nobody has to name it', () => {
  expect(parse('/deploy', onlyProd)).toEqual(intent('deploy', 'storefront', 'prod'))
})

test.each([
  ['/incident severity SEV1', { severity: 'SEV1' }],
  ['/incident severity 1', { severity: 'SEV1' }],
  ['/incident severity INC-2 SEV1', { incident: 2, severity: 'SEV1' }],
  ['/incident severity 2 SEV1', { incident: 2, severity: 'SEV1' }],
])('"%s" says how bad which one is', (text, wanted) => {
  expect(parse(text)).toEqual({ kind: 'incident act', act: { name: 'severity', ...wanted } })
})

test.each([
  ['/incident role 2 commander', { name: 'role', role: 'commander', incident: 2 }],
  ['/incident role INC-2 commander', { name: 'role', role: 'commander', incident: 2 }],
  ['/incident publish 2 7', { name: 'publish', update: 7, incident: 2 }],
  ['/incident publish 7', { name: 'publish', update: 7 }],
  ['/incident done 2 4', { name: 'tick', task: 4, incident: 2 }],
  ['/incident fix v1.8.2', { name: 'fix', what: 'v1.8.2' }],
  ['/incident fix #412', { name: 'fix', what: '#412' }],
  ['/incident fix 31 by #412 <@U0MARCO>', { name: 'fix', what: '#412', owner: 'U0MARCO', incident: 31 }],
  ['/incident fixed in INC-31 v1.8.2', { name: 'fix', what: 'v1.8.2', incident: 31 }],
  ['/incident guide 2 service-down', { name: 'guide', guide: 'service-down', incident: 2 }],
  ['/incident note 3 hosts are down', { name: 'note', text: '3 hosts are down' }],
])('"%s" takes a number before what is no sentence for the incident’s', (text, wanted) => {
  expect(parse(text)).toEqual({ kind: 'incident act', act: wanted })
})

test.each([
  ['/ops break-glass prod because it is down', { reason: 'it is down' }],
  ['/ops break-glass prod for 30m it is down', { reason: 'it is down', for: 1_800_000 }],
  ['/ops glass storefront prod 1h because it is down', { reason: 'it is down', for: 3_600_000 }],
])('"%s" is a run of its own, for a length of time', (text, input) => {
  const place = { service: 'storefront', environment: 'prod' }
  expect(parse(text)).toEqual({ kind: 'intent', intent: { job: 'break-glass', ...place, input } })
})

test.each([
  '/ops break-glass',
  '/ops break-glass prod',
  '/ops break-glass prod until 18:00 because it is down',
  '/incident fix',
  '/incident fix v1.8.2 v1.8.3 v1.8.4',
])('"%s" is asked for again, with an example', (text) => {
  expect(parse(text)).toMatchObject({ kind: 'problem', example: expect.stringMatching(/^\//) })
})

test('nothing is published where it is not clear which draft is meant', () => {
  expect(parse('/incident publish 7 please').kind).toBe('problem')
})

test('a severity with more words behind it is asked for again', () => {
  expect(parse('/incident severity SEV1 or SEV2').kind).toBe('problem')
})

const form = (name: string, fields = {}) => ({ kind: 'form', form: name, known: fields })

test.each([
  ['/deploy', form('deploy')],
  ['/deploy v1.8.0', form('deploy', { version: 'v1.8.0' })],
  ['/deploy storefront', form('deploy', { service: 'storefront' })],
  ['/deploy staging', form('deploy', { environment: 'staging' })],
  ['/rollback', form('rollback')],
  ['/scale', form('scale')],
  ['/scale prod', form('scale', { environment: 'prod', service: 'storefront' })],
  ['/scale 3', form('scale', { instances: '3' })],
])('"%s" leaves something open and opens a form with the rest', (text, wanted) => {
  expect(parse(text)).toEqual(wanted)
})

test.each([
  ['/deploy prdo', 'There is no service or environment "prdo". Did you mean prod?', '/deploy prod v1.8.0'],
  [
    '/deploy moon',
    'There is no service or environment "moon". There are: prod, staging, lab, empty, storefront, blog.',
    '/deploy prod v1.8.0',
  ],
  ['/deploy prod storfront', 'There is no service "storfront". Did you mean storefront?', '/deploy prod v1.8.0'],
  ['/deploy prod v1 v2', 'I read "v1" as the version and do not know what "v2" is.', '/deploy prod v1.8.0'],
  ['/deploy prod v1;rm', '"v1;rm" cannot be a version: those are letters, digits and . _ + -', '/deploy prod v1.8.0'],
  [
    '/deploy storefront prod <!channel>',
    '"<!channel>" cannot be a version: those are letters, digits and . _ + -',
    '/deploy prod v1.8.0',
  ],
  ['/deploy storefront lab', 'storefront does not run in lab. It runs in: prod, staging.', '/deploy prod v1.8.0'],
  ['/rollback prood', 'There is no service or environment "prood". Did you mean prod?', '/rollback prod'],
  ['/scale prod many', 'There is no service "many". There are: storefront, blog.', '/scale prod 3'],
  ['/scale prod 0', 'At least 1 instance must run; to take a service down is no scaling.', '/scale prod 3'],
  ['/scale prod -1', '"-1" is no number of instances.', '/scale prod 3'],
  ['/scale prod 2.5', '"2.5" is no number of instances.', '/scale prod 3'],
  ['/scale prod 2 3', 'Which one: 2 or 3?', '/scale prod 3'],
  ['/ops stauts', '/ops does not know "stauts". Did you mean status?', '/ops status'],
  [
    '/ops juggle',
    '/ops does not know "juggle". There are: status, runs, why, diagnose, locks, queue, lock, hand-over, unlock, break-glass, cancel, guide, drill, oncall, routines, metrics, audit, token, help.',
    '/ops status',
  ],
  ['/ops why', 'Say where: prod or staging or lab or empty.', '/ops why prod'],
  ['/ops why staging', 'Say which service: storefront or blog.', '/ops why storefront prod'],
  ['/ops diagnose', 'Say where: prod or staging or lab or empty.', '/ops diagnose prod'],
  ['/ops lock', 'Say where: prod or staging or lab or empty.', lockExample],
  ['/ops lock prod', 'Say why, so that whoever is stopped knows.', lockExample],
  ['/ops lock prod until friday reasons', 'Say the time too, such as: until friday 18:00.', lockExample],
  ['/ops lock prod for 2 parsecs', 'I cannot read "for 2 parsecs" as a length of time.', lockExample],
  ['/ops lock prod until 25:00 x', 'I cannot read "25:00" as a time.', lockExample],
  ['/ops lock prod hand-over', 'Say to whom.', handOverExample],
  [
    '/ops lock prod hand-over rita',
    '"rita" names no member. Pick the person from Slack\'s list, or give the member id.',
    handOverExample,
  ],
  [
    '/ops hand-over <@U0RITA>',
    'There is no service or environment "<@U0RITA>". There are: prod, staging, lab, empty, storefront, blog.',
    handOverExample,
  ],
  ['/ops locks prdo', 'There is no service or environment "prdo". Did you mean prod?', '/ops locks prod'],
  ['/ops queue prdo', 'There is no service or environment "prdo". Did you mean prod?', '/ops queue prod'],
  ['/ops cancel', 'Say which run, by its number.', cancelExample],
  ['/ops cancel prod', '"prod" is not the number of a run.', cancelExample],
  ['/ops unlock prod storefrnt', 'There is no service "storefrnt". Did you mean storefront?', '/ops unlock prod'],
  ['/ops lock prdo exam', 'There is no service or environment "prdo". Did you mean prod?', lockExample],
  ['/ops unlock', 'Say where: prod or staging or lab or empty.', '/ops unlock prod'],
  ['/ops token please', 'A token can be issued, listed or revoked, not "please".', '/ops token list'],
])('"%s" is answered with one line and an example', (text, wanted, example) => {
  expect(parse(text)).toEqual({ kind: 'problem', text: wanted, example })
})

const asked = (query: object) => ({ kind: 'query', query })
const done = (act: object) => ({ kind: 'act', act })
const locked = (act: object) => done({ name: 'lock', environment: 'prod', until: null, ...act })
const handedOver = done({ name: 'hand over', environment: 'prod', to: 'U0RITA' })

test.each([
  ['/ops', asked({ name: 'help' })],
  ['/ops help deploy', asked({ name: 'help', command: 'deploy' })],
  ['/ops Status', asked({ name: 'status' })],
  ['/ops runs', asked({ name: 'runs' })],
  ['/ops runs prod', asked({ name: 'runs', environment: 'prod' })],
  ['/ops runs #482', asked({ name: 'run', run: 482 })],
  ['/ops run 482', asked({ name: 'run', run: 482 })],
  ['/ops why prod', asked({ name: 'why', service: 'storefront', environment: 'prod' })],
  ['/ops diagnose prod', asked({ name: 'diagnosis', service: 'storefront', environment: 'prod' })],
  ['/ops check blog prod', asked({ name: 'diagnosis', service: 'blog', environment: 'prod' })],
  ['/ops why prod blog', asked({ name: 'why', service: 'blog', environment: 'prod' })],
  ['/ops lock prod exam week', locked({ reason: 'exam week' })],
  ['/ops lock prod for 2h exam week', locked({ reason: 'exam week', until: { afterMs: 7_200_000 } })],
  ['/ops lock prod for 2 hours because exam week', locked({ reason: 'exam week', until: { afterMs: 7_200_000 } })],
  ['/ops lock prod 2h “exam week”', locked({ reason: 'exam week', until: { afterMs: 7_200_000 } })],
  ['/ops lock prod until 18:00 because exam', locked({ reason: 'exam', until: { day: null, time: '18:00' } })],
  ['/ops lock prod until tomorrow at 9am exam', locked({ reason: 'exam', until: { day: 'tomorrow', time: '09:00' } })],
  ['/ops lock prod until Fri 17:30 exam', locked({ reason: 'exam', until: { day: 'friday', time: '17:30' } })],
  ['/ops lock prod until 2026-12-01 6pm exam', locked({ reason: 'exam', until: { day: '2026-12-01', time: '18:00' } })],
  ['/ops lock prod until the disk is back', locked({ reason: 'until the disk is back' })],
  ['/ops lock prod storefront is on fire', locked({ service: 'storefront', reason: 'is on fire' })],
  ['/ops lock prod for the blog', locked({ reason: 'for the blog' })],
  ['/ops lock prod hand-over <@U0RITA|rita>', handedOver],
  ['/ops lock prod hand over to <@U0RITA>', handedOver],
  ['/ops hand-over prod U0RITA', handedOver],
  ['/ops unlock prod', done({ name: 'unlock', environment: 'prod', reason: '' })],
  ['/ops unlock prod because Marco is away', done({ name: 'unlock', environment: 'prod', reason: 'Marco is away' })],
  ['/ops locks', asked({ name: 'locks' })],
  ['/ops locks prod', asked({ name: 'locks', environment: 'prod' })],
  ['/ops queue', asked({ name: 'queue' })],
  ['/ops queue blog prod', asked({ name: 'queue', environment: 'prod', service: 'blog' })],
  ['/ops cancel #482 red tests', done({ name: 'cancel', run: 482, reason: 'red tests' })],
  ['/ops token', done({ name: 'token', what: 'issue' })],
  ['/ops token revoke', done({ name: 'token', what: 'revoke' })],
  ['/ops token list', done({ name: 'token', what: 'list' })],
  ['/ops token revoke <@U0RITA|rita>', done({ name: 'token', what: 'revoke', of: 'U0RITA' })],
])('"%s" is understood', (text, wanted) => {
  expect(parse(text)).toEqual(wanted)
})

test('every example in the help is understood', () => {
  for (const { usages } of commands)
    for (const { example } of usages) {
      // Slack makes an id of a name that is picked.
      const sent = example.replace('@rita', '<@U0RITA>')
      expect([sent, parse(sent).kind]).not.toEqual([sent, 'problem'])
    }
})

test('the order of words never matters', () => {
  const shuffled = fc.shuffledSubarray(['storefront', 'prod', 'v1.8.0'], { minLength: 3 })
  fc.assert(
    fc.property(shuffled, (words) => {
      expect(parse(`/deploy ${words.join(' ')}`)).toEqual(intent('deploy', 'storefront', 'prod', { version: 'v1.8.0' }))
    }),
  )
})

test('whatever is typed, a command answers, and names only what exists', () => {
  const word = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('prod', 'lab', 'blog', 'storefront', 'v1', '3', 'to'),
  )
  fc.assert(
    fc.property(fc.constantFrom(...commands), fc.array(word, { maxLength: 6 }), (command, words) => {
      const parsed = command.parse(words, known)
      if (parsed.kind !== 'intent') return
      const { service, environment } = parsed.intent
      expect(known.placed(environment)).toContain(service)
    }),
  )
})
