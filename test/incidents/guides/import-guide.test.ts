import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Guide } from '../../../src/incidents/guide.js'
import { importGuide } from '../../../src/incidents/guides/import-guide.js'
import { linesMissing } from '../../../src/incidents/guides/missing-lines.js'
import { readGuide } from '../../../src/incidents/guides/read-guide.js'
import { atFullSize } from '../../support/parts.js'
import { runbooks } from './runbooks.js'
import { lost, saidIn, signsLost, wordsOf } from './said-in.js'

const full = atFullSize('guides-import')
const cases = full ? 20_000 : 500
/** A new one every day; three that can be told apart at full size. Whichever fails is printed. */
const seeds = full ? [4, 1912, 20_260_302] : [Date.now() % 1_000_000_007]

test.each(seeds)(
  `of ${cases} runbooks that were not written for Shipmate not one line is lost (seed %i)`,
  (seed) => {
    fc.assert(
      fc.property(runbooks, (original) => {
        const { guide, markdown } = importGuide(original, 'from-elsewhere')
        const said = saidIn(guide, markdown)
        expect(lost(original, said)).toEqual([])
        expect(signsLost(original, textOf(guide))).toEqual([])
        expect(guide.prose).not.toContain('Lines that found no other place')
        expect(guide.steps.every(({ verb }) => verb === 'manual')).toBe(true)
      }),
      { numRuns: cases, seed },
    )
  },
  3_600_000,
)

const textOf = (guide: Guide): string =>
  [
    ...[guide.title, guide.summary, guide.prose],
    ...guide.steps.flatMap((step) => [step.title, step.why, step.verb === 'manual' ? (step.command ?? '') : '']),
  ].join('\n')

test.each(seeds)(
  'the check that nothing is lost sees every line that is taken out, wherever it stood, and a guide reads back (seed %i)',
  (seed) => {
    const counts = { lines: 0, planted: 0 }
    for (const original of fc.sample(runbooks, { numRuns: full ? 2_000 : 100, seed })) {
      const { guide, markdown } = importGuide(original, 'from-elsewhere')
      expect(readGuide(markdown, 'from-elsewhere')).toEqual(guide)
      const written = countsOf(original.split(/\r\n|\n/).map(wordsOf))
      const said = countsOf(saidIn(guide, markdown))
      for (const { line, without } of withoutOneLine(guide)) {
        const gone = wordsOf(line)
        counts.lines++
        // What the import says more often than the original, such as a title made of a line, is nobody's loss.
        if (said.get(gone) !== written.get(gone)) continue
        counts.planted++
        expect(lost(original, saidIn(without, markdown))).toEqual([gone])
        // The language behind the edge of a block of code is kept by the guide's own file.
        if (!edgeOfCode.test(line)) expect(linesMissing(original.replaceAll('\r\n', '\n'), without)).not.toEqual([])
      }
    }
    console.log(`seed ${seed}: ${counts.planted} of ${counts.lines} lines were taken out, one at a time, and missed`)
    expect(counts.planted).toBeGreaterThan(full ? 10_000 : 500)
    expect(counts.planted / counts.lines).toBeGreaterThan(0.8)
  },
)

const edgeOfCode = /[`~]{3,}[^\s`]*\s*$/

function countsOf(lines: string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}

/** The guide without each line that has a word, one at a time, wherever it is not made of another one as titles are. */
function withoutOneLine(guide: Guide): { line: string; without: Guide }[] {
  const cut = (text: string, put: (text: string) => Guide) =>
    text
      .split('\n')
      .flatMap((line, row, all) =>
        wordsOf(line) === '' ? [] : [{ line, without: put(all.toSpliced(row, 1).join('\n')) }],
      )
  return [
    ...cut(guide.prose, (prose) => ({ ...guide, prose })),
    ...cut(guide.summary, (summary) => ({ ...guide, summary })),
    ...guide.steps.flatMap((step, at) => {
      const changed = (change: object): Guide => ({ ...guide, steps: guide.steps.with(at, { ...step, ...change }) })
      const command = step.verb === 'manual' ? (step.command ?? '') : ''
      return [...cut(step.why, (why) => changed({ why })), ...cut(command, (left) => changed({ command: left }))]
    }),
  ]
}

test('a runbook as people write them becomes steps that say what to run, in its order', () => {
  const { guide, markdown } = importGuide(
    `# KubePodCrashLooping

## Meaning

Pod is in *CrashLoop*. See [the docs](https://k8s.example).

## Diagnosis

- Check the template
- Look at logs:
  \`\`\`shell
  kubectl logs -n $NS $POD
  \`\`\`

| code | meaning |
|------|---------|
| 137  | memory  |

## Mitigation

1. Talk to the team. They may know why.
2. Roll back:

       kubectl rollout undo deploy/$D

   Wait a minute.
   1. Look again
   2. Tell them

Thank everybody.
`,
    'kube-pod-crash-looping',
  )
  expect(guide.title).toBe('KubePodCrashLooping')
  expect(guide.prose).toContain('### Meaning')
  expect(guide.steps.map((step) => [step.title, step.verb === 'manual' ? step.command : 'other'])).toEqual([
    ['Run kubectl logs -n $NS $POD', 'kubectl logs -n $NS $POD'],
    ['Talk to the team', null],
    ['Roll back:', 'kubectl rollout undo deploy/$D'],
    ['Look again', null],
    ['Tell them', null],
  ])
  expect(guide.steps[1]?.why).toContain('### Mitigation')
  expect(guide.steps[0]?.why).toContain('| 137  | memory  |')
  expect(markdown).toContain('## 4. Look again')
})

test('text from elsewhere never becomes an act, whatever it looks like', () => {
  const { guide } = importGuide(
    '# R\n\n## 1. Do: Roll back\n\n```yaml shipmate\ndo: rollback\n```\n\n1. Do: it all\n2. Say: nothing\n',
    'r',
  )
  expect(guide.steps.map(({ verb }) => verb)).toEqual(['manual', 'manual', 'manual'])
  expect(guide.steps.map(({ title }) => title)).toEqual(['Run do: rollback', 'Do: it all', 'Say: nothing'])
})

test('a runbook without actions is one step: to follow it', () => {
  const { guide } = importGuide('Call the shop.\n\nThey know.', 'call-the-shop')
  expect(guide).toMatchObject({ title: 'Call the shop', summary: 'Call the shop.', prose: 'They know.' })
  expect(guide.steps.map(({ title }) => title)).toEqual(['Follow what is written above'])
})

test('the boxes of a list of tasks stay where they were, also where what stands below one is something else', () => {
  const { guide } = importGuide(
    '# Nightly\n\n1. [ ] Look at the queue\n2. [x] Tell them\n\n- [ ]\n  [one]: /a\n',
    'nightly',
  )
  expect(guide.steps.map(({ title, why }) => [title, why.split('\n')[0]])).toEqual([
    ['Look at the queue', '[ ] Look at the queue'],
    ['Tell them', '[x] Tell them'],
  ])
})

test('what begins with blanks does not become part of the list before it, and what follows no step of its own', () => {
  const { guide } = importGuide('1.  > ```\n   - item\n   <div>\n2.  restart\n## Check: restart ##\n', 'odd')
  expect(guide.steps.map(({ verb, title }) => [verb, title])).toEqual([['manual', 'Step 1']])
  expect(guide.steps[0]?.why).toContain('## Check: restart ##')
})
