import type { z } from 'zod'
import { nearest } from '../../releases/nearest.js'
import type { StepInput } from '../../runs/step.js'
import type { Guide, GuideCondition, GuideStep } from '../guide.js'
import type { GuideMistake } from './mistakes.js'
import { filled, filledInput, inputAt, placeholderNames, placeholdersIn } from './placeholders.js'

type Takes = { input: z.ZodType }

/** What a guide may name: every check, every action, and the jobs that an incident may start. */
export type GuideWorld = {
  check(name: string): Takes | undefined
  action(name: string): Takes | undefined
  job(name: string): Takes | undefined
  /** All of these names, for whoever wrote another one. */
  names(): string[]
}

/** Whatever is wrong with a guide that reads well: names that are not there, inputs, conditions, things left to write. */
export function checkGuide(guide: Guide, world: GuideWorld): GuideMistake[] {
  return guide.steps.flatMap((step, at) => {
    const earlier = guide.steps.slice(0, at)
    return [
      ...abilityMistakes(step, guide, earlier, world),
      ...step.when.flatMap((condition) => conditionMistakes(step, condition, earlier)),
      ...placeholderMistakes(step),
      ...leftToWrite(step),
    ]
  })
}

function abilityMistakes(step: GuideStep, guide: Guide, earlier: GuideStep[], world: GuideWorld): GuideMistake[] {
  if (step.verb === 'check') {
    const check = world.check(step.check)
    if (!check) return [unknown(step, 'a check', step.check, world)]
    return inputMistakes(step, check, inputAt(step.with, samplePlace), earlier)
  }
  if (step.verb !== 'do') return []
  const job = world.job(step.job)
  const action = world.action(step.job)
  const takes = job ?? action
  if (!takes) return [unknown(step, 'a job or an action', step.job, world)]
  const input = job ? filledInput(step.with, samplePlace) : inputAt(step.with, samplePlace)
  return [...inputMistakes(step, takes, input, earlier), ...proofMistakes(step, step.proof, guide)]
}

/** What stands for the place while a guide is checked. */
const samplePlace = { service: 'storefront', environment: 'prod', incident: 'INC-31' }

function unknown(step: GuideStep, what: string, came: string, world: GuideWorld): GuideMistake {
  const known = world.names().filter((name) => (step.verb === 'check' ? world.check(name) : !world.check(name)))
  const meant = nearest(came, known)
  const [family] = came.split('.')
  const near = known.filter((name) => name.startsWith(`${family}.`))
  const others = near.length > 0 ? `There are ${near.join(', ')}.` : `There are ${familiesOf(known).join(', ')}.`
  return { line: step.line, wanted: `${what} that exists`, came, next: meant ? `Did you mean ${meant}?` : others }
}

/** "postgres.…": what the first half of a name may be. */
const familiesOf = (names: string[]): string[] => [
  ...new Set(names.map((name) => (name.includes('.') ? `${name.split('.')[0]}.…` : name))),
]

function inputMistakes(step: GuideStep, takes: Takes, input: StepInput, earlier: GuideStep[]): GuideMistake[] {
  const from = referencesIn(input)
  const wrong = from.filter((key) => earlier.find((other) => other.key === key)?.verb !== 'check')
  if (wrong.length > 0)
    return wrong.map((key) => ({
      line: step.line,
      wanted: 'the key of an earlier check to take a value from',
      came: key,
      next: 'Write the key of the check that finds it.',
    }))
  // What a check will find is not known yet: a number, or a name.
  const results = [4711, '4711'].map((sample) => takes.input.safeParse(withSamples(input, sample)))
  if (results.some(({ success }) => success)) return []
  const issue = results[0]?.error?.issues[0]
  const path = issue?.path.join('.')
  return [
    {
      line: step.line,
      wanted: `an input that it accepts${issue ? `: ${path ? `${path}: ` : ''}${issue.message}` : ''}`,
      came: JSON.stringify(step.verb === 'check' || step.verb === 'do' ? step.with : {}),
      next: 'Correct the words behind "with:".',
    },
  ]
}

const isReference = (value: object): value is { from: string; field: string } =>
  Object.keys(value).length === 2 && 'from' in value && 'field' in value && typeof value.from === 'string'

function referencesIn(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return []
  return isReference(value) ? [value.from] : Object.values(value).flatMap(referencesIn)
}

function withSamples(value: unknown, sample: number | string): unknown {
  if (Array.isArray(value)) return value.map((item) => withSamples(item, sample))
  if (value === null || typeof value !== 'object') return value
  if (isReference(value)) return sample
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withSamples(item, sample)]))
}

function proofMistakes(step: GuideStep, proof: string[], guide: Guide): GuideMistake[] {
  return proof
    .filter((key) => guide.steps.find((other) => other.key === key)?.verb !== 'check')
    .map((key) => ({
      line: step.line,
      wanted: 'the key of a check of this guide as proof',
      came: key,
      next: `Its checks: ${keysOf(guide.steps.filter(({ verb }) => verb === 'check'))}.`,
    }))
}

function conditionMistakes(step: GuideStep, condition: GuideCondition, earlier: GuideStep[]): GuideMistake[] {
  const { line } = step
  const about = earlier.find(({ key }) => key === condition.step)
  if (!about) {
    const next = `Earlier steps: ${keysOf(earlier)}.`
    return [{ line, wanted: 'a condition on an earlier step', came: condition.step, next }]
  }
  if ('outcome' in condition) {
    if (condition.outcome !== 'failed' || about.verb === 'check' || about.verb === 'do') return []
    const next = `${about.key} is answered by a person: use passed, skipped or "is <answer>".`
    return [{ line, wanted: 'failed of a check or a do', came: `${about.key} failed`, next }]
  }
  const answers = about.verb === 'ask' ? about.answers : []
  if (answers.some(({ value }) => value === condition.answer)) return []
  const known = answers.map(({ label }) => `"${label}"`).join(', ')
  const next = known ? `Its answers: ${known}.` : `${about.key} asks nothing.`
  return [{ line, wanted: `an answer of ${about.key}`, came: condition.answer, next }]
}

const keysOf = (steps: GuideStep[]): string => steps.map(({ key }) => key).join(', ') || 'none'

function placeholderMistakes(step: GuideStep): GuideMistake[] {
  const text = step.verb === 'say' ? step.text : 'with' in step ? JSON.stringify(step.with) : ''
  return placeholdersIn(text)
    .filter((name) => filled(`{{${name}}}`, samplePlace) === `{{${name}}}`)
    .map((name) => ({
      line: step.line,
      wanted: placeholderNames.map((one) => `{{${one}}}`).join(', '),
      came: `{{${name}}}`,
      next: 'Correct the word, or write out what is meant.',
    }))
}

const unfinished = /\b(TO-?DO|FIX-?ME|TBD)\b/

function leftToWrite(step: GuideStep): GuideMistake[] {
  const texts = [step.title, step.why, step.verb === 'say' ? step.text : '']
  const came = texts.map((text) => unfinished.exec(text)?.[0]).find((word) => word !== undefined)
  if (!came) return []
  return [
    { line: step.line, wanted: 'a step that is written', came, next: 'Write what is missing, or take the step out.' },
  ]
}
