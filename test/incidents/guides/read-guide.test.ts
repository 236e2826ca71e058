import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ShipmateError } from '../../../src/errors.js'
import { checkGuide } from '../../../src/incidents/guides/check-guide.js'
import { shownGuideMistake } from '../../../src/incidents/guides/mistakes.js'
import { readGuide } from '../../../src/incidents/guides/read-guide.js'
import { realAbilities } from '../../support/real-abilities.js'

const knownAbilities = await realAbilities()

const text = `---
severity: SEV2
alerts: [HighLatency]
services: [storefront]
symptoms: [slow, "504"]
---

# Slow pages

Pages of {{service}} are slow.

Stop when you do not understand what you see.

## 1. Check: p95 is under its limit

The figure to bring down.

\`\`\`yaml shipmate
key: p95
check: metrics.latency
with: { maxMs: 300 }
until: { every: 15s, for: 5m }
minutes: 5
\`\`\`

## 2. Check: nothing waits for a lock

\`\`\`yaml shipmate
key: locks
check: postgres.locks
alongside: true
\`\`\`

## 3. Ask: Did it begin with a deploy?

Look at the card.

- **Yes**: go *back*.
- No

## Do: Cancel what blocks

\`\`\`yaml shipmate
when: [locks failed, did-it-begin-with-a-deploy is No]
do: postgres.cancel
with: { pid: { from: locks, field: pid } }
proof: p95
\`\`\`

## Say: That it is slow

> Pages are slow.
> We work on it.

\`\`\`yaml shipmate
to: status page
\`\`\`

## Look at the machine

It says who is busy:

\`\`\`sh
top -b -n 1
\`\`\`

# Afterwards

Write it down.
`

test('a guide on paper is a guide in the machine: who it is for, five kinds of steps, and the prose around them', () => {
  const guide = readGuide(text, 'slow-pages')
  expect(guide).toMatchObject({
    name: 'slow-pages',
    title: 'Slow pages',
    summary: 'Pages of {{service}} are slow.',
    prose: 'Stop when you do not understand what you see.\n\n# Afterwards\n\nWrite it down.',
    severity: 'SEV2',
    for: { alerts: ['HighLatency'], services: ['storefront'], symptoms: ['slow', '504'] },
  })
  const common = { why: '', when: [], alongside: false, minutes: null }
  expect(guide.steps).toEqual([
    {
      ...common,
      key: 'p95',
      title: 'p95 is under its limit',
      line: 14,
      why: 'The figure to bring down.',
      minutes: 5,
      verb: 'check',
      check: 'metrics.latency',
      with: { maxMs: 300 },
      until: { every: 15_000, max: 20 },
    },
    {
      ...common,
      key: 'locks',
      title: 'nothing waits for a lock',
      line: 26,
      alongside: true,
      verb: 'check',
      check: 'postgres.locks',
      with: {},
      until: null,
    },
    {
      ...common,
      key: 'did-it-begin-with-a-deploy',
      title: 'Did it begin with a deploy?',
      line: 34,
      why: 'Look at the card.',
      verb: 'ask',
      answers: [
        { label: 'Yes', value: 'yes', means: 'go *back*.' },
        { label: 'No', value: 'no', means: null },
      ],
    },
    {
      ...common,
      key: 'cancel-what-blocks',
      title: 'Cancel what blocks',
      line: 41,
      when: [
        { step: 'locks', outcome: 'failed' },
        { step: 'did-it-begin-with-a-deploy', answer: 'no' },
      ],
      verb: 'do',
      job: 'postgres.cancel',
      with: { pid: { from: 'locks', field: 'pid' } },
      proof: ['p95'],
    },
    {
      ...common,
      key: 'that-it-is-slow',
      title: 'That it is slow',
      line: 50,
      verb: 'say',
      audience: 'status page',
      text: 'Pages are slow.\nWe work on it.',
    },
    {
      ...common,
      key: 'look-at-the-machine',
      title: 'Look at the machine',
      line: 59,
      why: 'It says who is busy:',
      verb: 'manual',
      command: 'top -b -n 1',
    },
  ])
  expect(checkGuide(guide, knownAbilities)).toEqual([])
})

test('the example in docs/operations/guides.md reads, and names only what exists', () => {
  const page = readFileSync('docs/operations/guides.md', 'utf8')
  const example = /^````markdown\n([\s\S]*?)^````$/m.exec(page)?.[1] ?? ''
  const guide = readGuide(example, 'search-is-slow')
  expect(new Set(guide.steps.map(({ verb }) => verb))).toEqual(new Set(['check', 'ask', 'do', 'say', 'manual']))
  expect(checkGuide(guide, knownAbilities)).toEqual([])
})

const mistakesIn = (markdown: string): string[] => {
  try {
    readGuide(markdown, 'g')
    return []
  } catch (thrown) {
    if (!(thrown instanceof ShipmateError)) throw thrown
    expect(thrown.code).toBe('guide-invalid')
    return (thrown.details?.mistakes ?? []) as string[]
  }
}
const step = (body: string) => `# T\n\n${body}`
const block = (lines: string) => `\n\n\`\`\`yaml shipmate\n${lines}\n\`\`\`\n`

test.each([
  ['no title', '## 1. Look', ['g.md:1: wanted a title']],
  ['no step', '# Title\n\nprose', ['g.md:1: wanted at least one step']],
  [
    'a word in the front matter that is none',
    '---\nseverity: SEV2\nalert: [A]\n---\n# T\n\n## Look',
    ['g.md:3: wanted severity, alerts'],
  ],
  [
    'a severity that is none',
    '---\nalerts: []\nseverity: high\n---\n# T\n\n## Look',
    ['g.md:3: wanted severity: SEV1 or SEV2'],
  ],
  ['front matter that is no YAML', '---\nalerts: [A\n---\n# T\n\n## Look', ['g.md:2: wanted YAML']],
  ['a check without a name', step('## 1. Check: x'), ['g.md:3: wanted check: the name of a check']],
  ['a misspelt word in a block', step(`## Check: x${block('check: http.probe\nwhit: {}')}`), ['g.md:7: wanted one of']],
  [
    'minutes that are none',
    step(`## Check: x${block('check: http.probe\nminutes: soon')}`),
    ['g.md:7: wanted minutes'],
  ],
  [
    'a duration that is none',
    step(`## Check: x${block('check: http.probe\nuntil: { every: 5, for: 5m }')}`),
    ['g.md:7: wanted until.every'],
  ],
  ['a condition that is none', step(`## Look${block('when: maybe')}`), ['g.md:6: wanted when']],
  ['a block that is no YAML', step(`## Look${block('minutes: [1')}`), ['g.md:6: wanted YAML']],
  ['two blocks in a step', step(`## Look${block('minutes: 1')}${block('minutes: 2')}`), ['g.md:10: wanted one block']],
  ['a question with one answer', step('## Ask: x?\n\n- Yes'), ['g.md:3: wanted two to five answers']],
  ['the same answer twice', step('## Ask: x?\n\n- Yes\n- **Yes**: again'), ['g.md:6: wanted answers that differ']],
  ['an answer that means skipping', step('## Ask: x?\n\n- Yes\n- Skip'), ['g.md:6: wanted another word']],
  ['nothing to say', step('## Say: x'), ['g.md:3: wanted a draft']],
  [
    'a key twice',
    step(`## A${block('key: x')}\n## B${block('key: x')}`),
    ['g.md:9: wanted a key that no other step has'],
  ],
])('%s is told with its line', (_what, markdown, wanted) => {
  const mistakes = mistakesIn(markdown)
  expect(mistakes.map((mistake, at) => mistake.slice(0, wanted[at]?.length))).toEqual(wanted)
})

test('two headings that say the same get keys of their own', () => {
  const guide = readGuide('# T\n\n## Wait\n\n## Wait\n\n## 日本', 't')
  expect(guide.steps.map(({ key }) => key)).toEqual(['wait', 'wait-2', 'step-3'])
})

test('lines that end as on Windows are lines like others', () => {
  expect(readGuide(text.replaceAll('\n', '\r\n'), 'slow-pages')).toEqual(readGuide(text, 'slow-pages'))
})

const problemsOf = (body: string): string[] =>
  checkGuide(readGuide(step(body), 'g'), knownAbilities).map((mistake) => shownGuideMistake('g', mistake))
const locks = `## Check: locks${block('check: postgres.locks')}\n`
const unfinished = `TO${'DO'}`

test.each([
  [
    'a check that is not there',
    `## Check: x${block('check: postgres.lock')}`,
    'wanted a check that exists, came postgres.lock. Did you mean postgres.locks?',
  ],
  [
    'an action that is not there',
    `## Do: x${block('do: host.format')}`,
    'wanted a job or an action that exists, came host.format',
  ],
  ['an action where a check is wanted', `## Check: x${block('check: postgres.cancel')}`, 'wanted a check that exists'],
  [
    'input that is not accepted',
    `## Check: x${block('check: http.probe\nwith: { maxMs: fast }')}`,
    'wanted an input that it accepts: maxMs',
  ],
  ['input that is missing', `## Check: x${block('check: external.status')}`, 'wanted an input that it accepts: vendor'],
  ['input that no job takes', `## Do: x${block('do: rollback\nwith: { to: v1 }')}`, 'wanted an input that it accepts'],
  [
    'a value of a step that is not there',
    `## Do: x${block('do: postgres.cancel\nwith: { pid: { from: lock, field: pid } }')}`,
    'wanted the key of an earlier check',
  ],
  [
    'a proof that is no check',
    `${locks}## Look\n\n## Do: x${block('do: rollback\nproof: look')}`,
    'wanted the key of a check of this guide as proof, came look',
  ],
  [
    'a condition on a later step',
    `## Look${block('when: locks failed')}\n${locks}`,
    'wanted a condition on an earlier step, came locks',
  ],
  [
    'an answer that nobody can give',
    `## Ask: sure?\n\n- Yes\n- No\n\n## Look${block('when: sure is Perhaps')}`,
    'wanted an answer of sure, came perhaps. Its answers: "Yes", "No"',
  ],
  [
    'the failing of what a person does',
    `## Look\n\n## Look again${block('when: look failed')}`,
    'wanted failed of a check or a do',
  ],
  ['a placeholder that nothing fills', `## Say: x\n\n> {{ customer }} is sad`, 'wanted {{service}}'],
  [
    'something left to write',
    `## Look\n\n${unfinished}: which machine?`,
    `wanted a step that is written, came ${unfinished}`,
  ],
])('%s is found', (_what, body, wanted) => {
  const problems = problemsOf(body)
  expect(problems).toHaveLength(1)
  expect(problems[0]).toContain(wanted)
})
