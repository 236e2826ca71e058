import type { Guide } from '../guide.js'

/** The lines of a runbook that are nowhere in the guide made of it, as often as they stood there. */
export function linesMissing(markdown: string, guide: Guide): string[] {
  const kept = new Map<string, number>()
  for (const line of everyLineOf(guide)) kept.set(line, (kept.get(line) ?? 0) + 1)
  return markdown
    .split('\n')
    .map(core)
    .filter((line) => {
      if (line === '') return false
      const left = kept.get(line) ?? 0
      kept.set(line, left - 1)
      return left <= 0
    })
}

function everyLineOf({ title, summary, prose, steps }: Guide): string[] {
  const texts = steps.flatMap((step) => [
    step.title,
    step.why,
    step.verb === 'manual' ? (step.command ?? '') : '',
    step.verb === 'say' ? step.text : '',
    step.verb === 'ask' ? step.answers.map(({ label, means }) => `${label}\n${means ?? ''}`).join('\n') : '',
  ])
  return [title, summary, prose, ...texts].flatMap((text) => text.split('\n').map(core))
}

const point = '\\s|>|[-*+](?=\\s|$)|\\d{1,9}[.)](?=\\s|$)'
const edgeOfCode = new RegExp(`^(?:${point})*[\`~]{3,}[^\\s\`]*\\s*$`)
const marks = new RegExp(`^(?:${point}|#{1,6}(?=\\s|$)|\`{3,}|~{3,})+`)
const ruler = /^(?:[-=]+|(?:[-*_]\s*){3,})$/

/** A line without what marks it as a point, a quote or a heading; empty when it has nothing else. */
function core(line: string): string {
  if (edgeOfCode.test(line)) return ''
  return line
    .replace(marks, '')
    .trimEnd()
    .replace(/(?:\s+#+)+$/, '')
    .replace(ruler, '')
}
