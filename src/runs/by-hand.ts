import type { HandLine } from './plan.js'

/** The key of the post that holds the way back without Shipmate; faces draw it from the plan. */
export const byHandPostKey = 'by-hand'

/** The same lines as plain text, for what draws nothing. */
export const byHandText = (lines: HandLine[]): string =>
  lines.map(({ does, run, see }, at) => `${at + 1}. ${does}\n${run}\n# you should see: ${see}`).join('\n\n')
