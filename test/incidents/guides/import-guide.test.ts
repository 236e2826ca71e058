import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Guide } from '../../../src/incidents/guide.js'
import { importGuide } from '../../../src/incidents/guides/import-guide.js'
import { linesMissing } from '../../../src/incidents/guides/missing-lines.js'
import { readGuide } from '../../../src/incidents/guides/read-guide.js'
import { atFullSize } from '../../support/parts.js'
import { runbooks } from './runbooks.js'

const cases = atFullSize('guides-import') ? 20_000 : 2_000

/** What a line says, without the marks that make it a point, a quote, a heading or the edge of a block of code. */
function said(line: string): string {
  const edge = /^(\s|>|[-*+](?=\s)|\d{1,9}[.)](?=\s))*[`~]{3,}[^\s`]*\s*$/
  // The edge of a block of code, with its language: the guide's own file keeps it.
  let text = edge.test(line) ? '' : line
  for (let before = ''; before !== text; ) {
    before = text
    text = text.replace(/^\s+/, '').replace(/^(>|[-*+](?=\s|$)|\d{1,9}[.)](?=\s|$)|#{1,6}(?=\s|$)|[`~]{3,})/, '')
  }
  text = text.replace(/\s+$/, '').replace(/(\s+#+)+$/, '')
  return /^[-=]+$|^([-*_]\s*){3,}$/.test(text) ? '' : text
}

/** Lines of the original that a guide does not say, as often as they were written. */
function lost(original: string, guide: Guide): string[] {
  const kept = saidIn(guide)
  return original
    .split(/\r\n|\n/)
    .map(said)
    .filter((line) => {
      if (line === '') return false
      const at = kept.indexOf(line)
      if (at >= 0) kept.splice(at, 1)
      return at < 0
    })
}

function saidIn(guide: Guide): string[] {
  const texts = [guide.title, guide.summary, guide.prose]
  for (const step of guide.steps) {
    texts.push(step.title, step.why)
    if (step.verb === 'manual' && step.command !== null) texts.push(step.command)
  }
  return texts.flatMap((text) => text.split('\n')).map(said)
}

test(`of ${cases} runbooks that were not written for Shipmate not one line is lost, and each reads back as it was imported`, () => {
  fc.assert(
    fc.property(runbooks, (original) => {
      const { guide, markdown } = importGuide(original, 'from-elsewhere')
      expect(lost(original, guide)).toEqual([])
      expect(guide.prose).not.toContain('Lines that found no other place')
      expect(readGuide(markdown, 'from-elsewhere')).toEqual(guide)
      expect(guide.steps.every(({ verb }) => verb === 'manual')).toBe(true)
    }),
    { numRuns: cases },
  )
}, 1_800_000)

test('the check that nothing is lost sees a line that is taken out, wherever it stood', () => {
  let planted = 0
  fc.assert(
    fc.property(runbooks, fc.nat(), (original, at) => {
      const { guide } = importGuide(original, 'from-elsewhere')
      const places = guide.steps.flatMap((step, index) =>
        step.why.split('\n').flatMap((line, row) => (said(line) === '' ? [] : [{ index, row }])),
      )
      const place = places[at % Math.max(1, places.length)]
      if (!place) return
      const steps = guide.steps.map((step, index) =>
        index === place.index ? { ...step, why: step.why.split('\n').toSpliced(place.row, 1).join('\n') } : step,
      )
      // What the import says more often than the original (a title made of a line) is nobody's loss.
      const gone = said(guide.steps[place.index]?.why.split('\n')[place.row] ?? '')
      const written = original.split(/\r\n|\n/).filter((line) => said(line) === gone).length
      if (saidIn(guide).filter((line) => line === gone).length !== written) return
      planted++
      expect(lost(original, { ...guide, steps })).toEqual([gone])
      expect(linesMissing(original.replaceAll('\r\n', '\n'), { ...guide, steps })).not.toEqual([])
    }),
    { numRuns: 300 },
  )
  expect(planted).toBeGreaterThan(50)
})

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
