import type { Guide } from '../../../src/incidents/guide.js'

/**
 * What a runbook says, told without the product's own comparison: each line by its words alone, from its first letter
 * or digit to its last word, so that no mark of Markdown before or behind it counts.
 */
export function wordsOf(line: string): string {
  let text = line.trim()
  for (let before = ''; before !== text; ) {
    before = text
    text = text.replace(/^[^\p{L}\p{N}]+/u, '').replace(/^\d+[.)](?=\s|$)/, '')
  }
  const words = text.split(/\s+/)
  while (words.length > 0 && !/[\p{L}\p{N}]/u.test(words.at(-1) ?? '')) words.pop()
  return words.join(' ')
}

export const linesIn = (text: string): string[] => text.split(/\r\n|\n/).map(wordsOf)

/** Lines of a guide as people see it, with the languages that its file names behind the edge of a block of code. */
export function saidIn(guide: Guide, markdown: string): string[] {
  const texts = [guide.title, guide.summary, guide.prose]
  for (const step of guide.steps) {
    texts.push(step.title, step.why)
    if (step.verb === 'manual' && step.command !== null) texts.push(step.command)
  }
  return [
    ...texts.flatMap(linesIn),
    ...markdown
      .split('\n')
      .filter((line) => line.startsWith('```'))
      .map(wordsOf),
  ]
}

/** Lines of the original that are not said, as often as they were written. */
export function lost(original: string, said: string[]): string[] {
  const left = new Map<string, number>()
  for (const line of said) left.set(line, (left.get(line) ?? 0) + 1)
  return linesIn(original).filter((line) => {
    if (line === '') return false
    left.set(line, (left.get(line) ?? 0) - 1)
    return (left.get(line) ?? 0) < 0
  })
}

/** Signs that Markdown has no use for; such as the brackets of a program, which alone in a line are a line as well. */
export function signsLost(original: string, said: string): string[] {
  const count = (text: string, sign: string) => text.split(sign).length
  return [...'{}($;"?@日'].filter((sign) => count(said, sign) < count(original, sign))
}
