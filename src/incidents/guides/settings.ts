import type { Code } from 'mdast'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { parseDuration } from '../../releases/durations.js'
import type { GuideCondition } from '../guide.js'
import { keyOf, keyPattern } from './keys.js'
import { cameShown, type GuideMistake } from './mistakes.js'

/** What a step's block may say. Each `error` completes "wanted …", as in the operator's file. */
const duration = z
  .string({ error: 'a duration such as "15s" or "5m"' })
  .refine((text) => (parseDuration(text) ?? 0) > 0, { error: 'a duration such as "15s" or "5m"' })
  .transform((text) => parseDuration(text) ?? 0)
const key = z.string().regex(keyPattern, { error: 'a key of small letters, digits and dashes, at most 60 long' })
const named = (wanted: string) => z.string({ error: wanted }).min(1, { error: wanted })
const input = z.record(z.string(), z.unknown(), { error: 'names with values, such as { maxMs: 300 }' }).default({})
const oneOrMore = <T extends z.ZodType>(item: T) =>
  z
    .union([item, z.array(item)])
    .default([])
    .transform((value) => (Array.isArray(value) ? value : [value]) as z.output<T>[])

const conditionError = 'a condition such as "locks failed", "p95 passed" or "began-with-a-deploy is Yes"'
const condition = z
  .string({ error: conditionError })
  .refine((text) => conditionOf(text) !== null, { error: conditionError })
  .transform((text) => conditionOf(text) as GuideCondition)

function conditionOf(text: string): GuideCondition | null {
  const outcome = /^(\S+) (passed|failed|skipped)$/.exec(text.trim())
  if (outcome) return { step: outcome[1] ?? '', outcome: outcome[2] as 'passed' | 'failed' | 'skipped' }
  const answer = /^(\S+) is (.+)$/.exec(text.trim())
  return answer ? { step: answer[1] ?? '', answer: keyOf(answer[2] ?? '') } : null
}

const shared = {
  key: key.optional(),
  when: oneOrMore(condition),
  alongside: z.boolean({ error: 'true or false' }).default(false),
  minutes: z
    .number({ error: 'minutes from 1 to 1440' })
    .int({ error: 'whole minutes from 1 to 1440' })
    .min(1, { error: 'minutes from 1 to 1440' })
    .max(1440, { error: 'minutes from 1 to 1440' })
    .nullable()
    .default(null),
}
const until = z
  .strictObject(
    { every: duration, for: duration },
    { error: 'how often and how long, such as { every: 15s, for: 5m }' },
  )
  .transform((value) => ({ every: value.every, max: Math.max(1, Math.ceil(value.for / value.every)) }))
  .nullable()
  .default(null)

export const audiences = ['room', 'stakeholders', 'status page', 'customers'] as const
const schemas = {
  check: z.strictObject({
    ...shared,
    check: named('the name of a check, such as metrics.latency'),
    with: input,
    until,
  }),
  ask: z.strictObject(shared),
  do: z.strictObject({
    ...shared,
    do: named('a job such as rollback, or an action such as postgres.cancel'),
    with: input,
    proof: oneOrMore(key),
  }),
  say: z.strictObject({
    ...shared,
    to: z.enum(audiences, { error: audiences.map((one) => `"${one}"`).join(' or ') }).default('stakeholders'),
  }),
  manual: z.strictObject(shared),
}
export type GuideVerb = keyof typeof schemas
export type Settings<V extends GuideVerb> = z.output<(typeof schemas)[V]>

/** What a step's block says; null with the mistakes noted when it cannot be used. `line`: of the step's heading. */
export function settingsOf<V extends GuideVerb>(
  verb: V,
  block: Code | null,
  line: number,
  mistakes: GuideMistake[],
): Settings<V> | null {
  const firstLine = (block?.position?.start.line ?? line) + (block ? 1 : 0)
  const counter = new LineCounter()
  const document = parseDocument(block?.value ?? '{}', { lineCounter: counter, prettyErrors: true })
  const broken = document.errors[0]
  if (broken) {
    mistakes.push({
      line: firstLine + (broken.linePos?.[0].line ?? 1) - 1,
      wanted: 'YAML',
      came: broken.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'something else',
      next: 'Check indentation, quotes and colons there.',
    })
    return null
  }
  const value = document.toJS() ?? {}
  const parsed = schemas[verb].safeParse(value, { reportInput: true })
  if (parsed.success) return parsed.data as Settings<V>
  const lineOf = (path: PropertyKey[]) => lineIn(block, firstLine, line, path)
  mistakes.push(...parsed.error.issues.flatMap((issue) => issueMistakes(verb, issue, lineOf)))
  return null
}

function issueMistakes(
  verb: GuideVerb,
  issue: z.core.$ZodIssue,
  lineOf: (path: PropertyKey[]) => number,
): GuideMistake[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({
      line: lineOf([...issue.path, name]),
      wanted: `one of ${Object.keys(schemas[verb].shape).join(', ')}`,
      came: name,
      next: 'Correct the word or take the line out.',
    }))
  const first = issue.code === 'invalid_union' ? issue.errors.flat()[0] : undefined
  const path = issue.path.join('.')
  return [
    {
      line: lineOf(issue.path),
      wanted: `${path ? `${path}: ` : ''}${first?.message ?? issue.message}`,
      came: cameShown(issue.input),
      next: `Write it in the step's block: \`\`\`yaml shipmate.`,
    },
  ]
}

/** The line where the first word of the path stands in the block; the heading's when there is no such line. */
function lineIn(block: Code | null, firstLine: number, heading: number, path: PropertyKey[]): number {
  const name = path.findLast((part) => typeof part === 'string')
  const at = (block?.value ?? '').split('\n').findIndex((text) => new RegExp(`(^|[\\s{,])${name}\\s*:`).test(text))
  if (at >= 0) return firstLine + at
  return block ? firstLine - 1 : heading
}
