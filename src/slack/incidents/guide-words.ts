import type { GuideStepView } from '../../incidents/guides/standing.js'
import type { Json } from '../../json.js'
import type { RunView } from '../../runs/run.js'
import { gap } from '../cards/signs.js'
import { quote } from '../text.js'

/** What to do and why, in the guide's own words. */
export function whyOf({ run }: RunView, { key, records }: GuideStepView): string | null {
  const ask = records.find(({ step }) => step.verb === 'ask')?.step
  const told = named(run.plan?.pinned.why, key)
  const words = ask?.verb === 'ask' ? ask.question : typeof told === 'string' ? told : ''
  return words ? mrkdwn(words) : null
}

const mostLines = 12
const longestLine = 300

/** A guide's Markdown as Slack writes it: bold, lists and lines stay; what could mention or link is escaped. */
function mrkdwn(markdown: string): string {
  const lines = withoutFences(markdown.split('\n').filter((line) => line.trim() !== ''))
  const shown = lines.slice(0, mostLines).map(({ line, code }) => {
    if (code) return `\`${quote(line, longestLine)}\``
    const text = quote(line.replace(/^\s*[-*] /, '• '), longestLine)
    return text.replace(/\*\*([^*]+)\*\*/g, '*$1*')
  })
  return [...shown, ...(lines.length > mostLines ? ['…'] : [])].join('\n')
}

/** Lines of a block of code, each as code by itself: what stands around them would be shown as letters. */
function withoutFences(lines: string[]): { line: string; code: boolean }[] {
  let fence: string | null = null
  return lines.flatMap((line) => {
    const mark = /^\s*(`{3,})/.exec(line)?.[1] ?? null
    const ends = fence !== null && mark !== null && mark.length >= fence.length
    if (fence === null ? mark === null : !ends) return [{ line, code: fence !== null }]
    fence = ends ? null : mark
    return []
  })
}

/** What an act would run, as the plan pins it. */
export function dryRunLine({ run }: RunView, { key, records }: GuideStepView): string | null {
  const act = named(run.plan?.pinned.acts, key)
  if (!isObject(act) || typeof act.job !== 'string') return checkLine(records)
  const inside = isObject(act.with) ? act.with : {}
  const operates = act.job === 'operate' && typeof inside.action === 'string'
  const name = operates ? String(inside.action) : act.job
  const input = operates ? (isObject(inside.with) ? inside.with : {}) : inside
  return `It will run:${gap}\`${quote([name, ...inputWords(input)].join(' '), 200)}\`, as a run of its own with its approvals`
}

function checkLine(records: GuideStepView['records']): string | null {
  const step = records[0]?.step
  if (step?.verb !== 'check') return null
  return `It looks with:${gap}\`${quote([step.check, ...inputWords(step.with)].join(' '), 200)}\`, and changes nothing`
}

function inputWords(input: { [name: string]: unknown }): string[] {
  return Object.entries(input).map(([name, value]) => `${name}=${shown(value)}`)
}

/** A value that an earlier step finds is named by that step. */
function shown(value: unknown): string {
  if (isObject(value) && typeof value.from === 'string') return `(${String(value.field)} of ${value.from})`
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function named(from: Json | undefined, key: string): unknown {
  return isObject(from) ? from[key] : undefined
}

const isObject = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
