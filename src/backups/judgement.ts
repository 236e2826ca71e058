/** skip: the operator's file does not ask it. */
export type Judgement = { outcome: 'pass' | 'fail' | 'skip'; summary: string; details?: { [name: string]: string } }

export const holds = (summary: string): Judgement => ({ outcome: 'pass', summary })
export const breaks = (summary: string, details?: Judgement['details']): Judgement => ({
  outcome: 'fail',
  summary,
  ...(details && { details }),
})
export const notAsked = (summary: string): Judgement => ({ outcome: 'skip', summary })

export const numbered = (words: string[]) =>
  Object.fromEntries(words.slice(0, 10).map((word, at) => [String(at + 1), word]))

export const counted = (count: number, thing: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? thing : `${thing}s`}`
