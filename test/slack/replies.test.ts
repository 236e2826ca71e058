import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reply } from '../../src/commands/reply.js'
import { usualSettings } from '../../src/incidents/settings.js'
import { replyMessage } from '../../src/slack/replies.js'
import { expectValidMessage } from '../support/block-kit.js'
import { ada, at, scene, scenes } from './scenes.js'
import { deployForm } from './scripted-desk.js'
import { textOf } from './text-of.js'

const now = at(30)
const drawn = (reply: Reply) =>
  replyMessage(reply, {
    now,
    settings: usualSettings,
    channelOf: (environment) => (environment === 'prod' ? 'C0RELEASES' : null),
  })
const refused = (words: string) => ({
  ...{ title: 'The database answers', outcome: 'fail' as const },
  evidence: { summary: `the connection to ${words} was refused`, next: 'Look at its server.' },
})
const diagnosisWith = (words: string) => {
  const begins = refused(words)
  const visitors = { title: 'Visitors get an answer', outcome: 'fail' as const, evidence: { summary: '503' } }
  const cache = { title: 'The cache answers', outcome: 'pass' as const, evidence: { summary: 'in 1 ms' } }
  return {
    ...{ kind: 'diagnosis' as const, service: 'storefront', environment: words, tookMs: 2_400 },
    verdict: 'it may begin here.',
    helps: [{ name: words, title: words }],
    ...{ begins, findings: [begins, visitors, cache], skipped: ['Replicas keep up', words] },
  }
}
const all = (words = 'prod'): { [name: string]: Reply } => ({
  accepted: { kind: 'accepted', run: scene().run, text: `storefront v1.8.0 → ${words} is on its way.`, first: true },
  'accepted again': { kind: 'accepted', run: scene().run, text: words, first: false },
  refused: {
    kind: 'refused',
    refusal: {
      code: 'own-request',
      what: words,
      why: 'You asked for this deploy (prod needs 2 of @release-managers).',
      next: 'Ask one of: Rita, Max.',
    },
  },
  form: { kind: 'form', form: { ...deployForm(), title: words } },
  said: { kind: 'said', text: words },
  help: {
    kind: 'help',
    intro: words,
    entries: [{ usage: '/deploy [service] <environment> [version]', summary: words, example: '/deploy prod' }],
  },
  status: {
    kind: 'status',
    environments: [
      {
        environment: words,
        mode: 'observe',
        services: [
          {
            service: 'storefront',
            serving: 'v1.8.0',
            since: at(1),
            instances: { ready: 2, wanted: 3 },
            live: [scene().run],
            lock: { resource: 'storefront/prod', run: null, by: ada, reason: words, since: at(2), expires: at(50) },
            problem: null,
          },
          { service: 'search', serving: null, since: null, instances: null, live: [], lock: null, problem: null },
          {
            service: 'mail',
            serving: null,
            since: null,
            instances: null,
            live: [],
            lock: null,
            problem: `the host does not answer ${words}`,
          },
        ],
      },
    ],
  },
  'no status': { kind: 'status', environments: [] },
  runs: { kind: 'runs', title: words, runs: Object.values(scenes()).map(({ run }) => run) },
  'no runs': { kind: 'runs', title: 'Runs in prod', runs: [] },
  run: { kind: 'run', view: scenes().undone ?? scene() },
  why: {
    kind: 'why',
    service: 'storefront',
    environment: words,
    mayGo: false,
    gates: [
      { title: 'You may deploy here', outcome: 'pass', evidence: { summary: 'you are in @release-managers' } },
      {
        title: 'Not locked',
        outcome: 'fail',
        evidence: { summary: `Max holds it: ${words}`, next: 'Ask Max, or wait until 14:50.' },
      },
      { title: 'Sentry', outcome: 'skip', evidence: { summary: 'not set up' } },
    ],
  },
  diagnosis: diagnosisWith(words),
  'nothing to look at': { ...diagnosisWith(words), verdict: words, begins: null, helps: [], findings: [] },
  lines: {
    kind: 'lines',
    title: words,
    none: words,
    places: [
      {
        service: 'storefront',
        environment: 'prod',
        holder: { resource: 'storefront/prod', run: null, by: ada, reason: words, since: at(2), expires: at(50) },
        working: null,
        waiting: [scene().run, scene().run],
        clear: 'To clear it: /ops unlock storefront prod because …',
        mayHandOver: true,
      },
      {
        service: 'blog',
        environment: 'prod',
        holder: { resource: 'blog/prod', run: 482, by: ada, reason: '', since: at(2), expires: null },
        working: scene().run,
        waiting: [],
        clear: 'It goes when #482 ends. To stop that: /ops cancel 482',
        mayHandOver: false,
      },
      {
        service: 'mail',
        environment: words,
        holder: null,
        working: null,
        waiting: [],
        clear: null,
        mayHandOver: false,
      },
    ],
  },
  'no lines': { kind: 'lines', title: 'Locks', none: words, places: [] },
  token: { kind: 'token', token: 'shp_abc-DEF_123', expires: at(59) },
})

describe('a reply in Slack', () => {
  it.each(Object.entries(all()))('is a message that Slack takes: %s', (_name, reply) =>
    expectValidMessage(drawn(reply)),
  )

  it('says where the card is', () => {
    expect(textOf(drawn(all().accepted as Reply))).toBe(
      '✓ storefront v1.8.0 → prod is on its way.\nIts card is in <#C0RELEASES>.',
    )
  })

  it('refuses in three parts: what, why, and the way forward', () => {
    expect(textOf(drawn(all('Your approval does not count.').refused as Reply)).replaceAll('\u200b', '')).toBe(
      '✗ *Your approval does not count.*\nYou asked for this deploy (prod needs 2 of @release-managers).\nAsk one of: Rita, Max.\nCode `own-request`',
    )
  })

  it('shows what serves where, what is under way and who holds what', () => {
    expect(textOf(drawn(all().status as Reply))).toBe(`*prod* · observe mode, nothing is changed
⚠ storefront *v1.8.0* · 2 of 3 ready · since 14:01 UTC
   ◷ #482 storefront *v1.8.0* → *prod* · waiting · Ada, 14:00 UTC
   ◷ locked by Ada since 14:02 UTC, until 14:50 UTC (in 20 min): prod
– search: nothing serves
⚠ mail: the host does not answer prod`)
  })

  it('shows who holds what, why, since and until when, who waits, and how to clear it', () => {
    const text = textOf(drawn(all('exam week').lines as Reply)).replaceAll('\u200b', '')
    expect(text.split('\n').slice(0, 6)).toEqual([
      '*exam week*',
      '◷ *storefront in prod* · locked by Ada since 14:02 UTC, until 14:50 UTC (in 20 min): exam week',
      '   1. ◷ #482 storefront *v1.8.0* → *prod* · waiting · Ada, 14:00 UTC',
      '   2. ◷ #482 storefront *v1.8.0* → *prod* · waiting · Ada, 14:00 UTC',
      'To clear it: /ops unlock storefront prod because …',
      '[ Hand over… ]',
    ])
    expect(text).toContain(
      '*blog in prod* · #482 (storefront *v1.8.0* → *prod*) is at work since 14:02 UTC, asked by Ada',
    )
    expect(textOf(drawn(all('Nothing is locked.')['no lines'] as Reply))).toBe('Nothing is locked.')
  })

  it('answers what is broken with where it may begin, and each finding before what was looked for', () => {
    expect(
      textOf(drawn(all().diagnosis as Reply)).replaceAll('\u200b', ''),
    ).toBe(`✗ storefront in *prod*: it may begin here.
✗ the connection to prod was refused · checked: the database answers
   Look at its server.
   A guide repairs that: *prod*. In an incident: \`/incident guide prod\`
✗ 503 · checked: visitors get an answer
✓ The cache answers: in 1 ms
3 checks in 2 s · not set up: Replicas keep up, prod`)
    expect(textOf(drawn(all()['nothing to look at'] as Reply))).toMatch(/^⚠ storefront in \*prod\*: prod\n/)
  })

  it('answers why with what stands in the way first', () => {
    expect(
      textOf(drawn(all().why as Reply)).replaceAll('\u200b', ''),
    ).toBe(`✗ You cannot deploy storefront to *prod* now: 1 gate stands in the way.
✗ Not locked: Max holds it: prod
   Ask Max, or wait until 14:50.
✓ You may deploy here: you are in @release-managers
– Sentry (skipped): not set up`)
  })

  it('keeps a token off lock screens', () => {
    const { text } = drawn(all().token as Reply)
    expect(text).not.toContain('shp_')
    expect(textOf(drawn(all().token as Reply))).toContain('`shp_abc-DEF_123`')
  })

  it('mentions nobody and disguises no link, whatever words it carries', () => {
    const nasty = fc.oneof(
      fc.string({ maxLength: 300, unit: 'grapheme' }),
      fc.constantFrom('<!channel>', '<@U0ADA>', '<!here|x>', '<https://evil.example|Approve>', 'x'.repeat(5_000)),
    )
    fc.assert(
      fc.property(nasty, (words) => {
        for (const reply of Object.values(all(words))) {
          const message = drawn(reply)
          expect(JSON.stringify(message)).not.toMatch(/<[@!](?!date\^)|<https?:/)
          if (reply.kind !== 'said' && reply.kind !== 'accepted' && reply.kind !== 'help') expectValidMessage(message)
        }
      }),
      { numRuns: 60 },
    )
  })
})
