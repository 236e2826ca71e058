import type { Guide, GuideCondition, GuideStep } from '../incidents/guide.js'
import { filled, filledInput, type GuidePlace, inputAt } from '../incidents/guides/placeholders.js'
import { type IncidentId, nameOf } from '../incidents/incident.js'
import type { Json, JsonObject } from '../json.js'
import type { PlanDraft } from '../runs/plan.js'
import type { Answer, AskStep, CheckStep, Condition, People, Repeat, Step, StepInput, StepKey } from '../runs/step.js'

/** Where a guide is followed, and who may answer its steps. */
export type GuideScene = {
  incident: IncidentId
  service: string
  environment: string
  /** Everybody who may respond to an incident here. */
  responders: People
}

/** What a *do* starts once somebody says so: a job of its own name, or job `operate` with one action. */
export type GuideAct = { job: string; with: StepInput }

/** Jobs that a guide may start under their own name; every other name is an action. */
export const guideJobs: readonly string[] = ['deploy', 'rollback', 'scale']

/**
 * A guide as steps of a run, with what its buttons do: `acts` by step (what a *do* would run), `drafts` (what a *say*
 * proposes), `minutes` (after which a step is late), `commands` (what to run by hand). Nothing here ends the run but a
 * person: findings of checks are warnings, and asks wait for as long as an incident may last.
 */
export function planGuide(guide: Guide, scene: GuideScene): Pick<PlanDraft, 'steps' | 'pinned'> {
  const placed = { ...scene, incident: nameOf(scene.incident) }
  const parts = guide.steps.map((step) => partOf(step, guide, scene, placed))
  return { steps: inTurn(guide.steps, parts), pinned: pinnedOf(guide, scene, placed) }
}

/** The engine's steps of one guide step, in their order, and those that have to end before the next one begins. */
type Part = { first: Step; rest: Step[]; ends: StepKey[] }

/** One after the other; those side by side begin together, and what follows waits for all of them. */
function inTurn(steps: readonly GuideStep[], parts: readonly Part[]): Step[] {
  let before: StepKey[] = []
  let beside: StepKey[] = []
  return parts.flatMap(({ first, rest, ends }, at) => {
    if (at > 0 && steps[at]?.alongside !== true) {
      before = beside
      beside = []
    }
    beside = [...beside, ...ends]
    return [{ ...first, needs: before }, ...rest]
  })
}

function partOf(step: GuideStep, guide: Guide, scene: GuideScene, place: GuidePlace): Part {
  const when = whenOf(step, guide)
  if (step.verb === 'check') return alone({ ...looking(step, place), ...when })
  const ask = asking(step, scene, place)
  if (step.verb !== 'do') return alone({ ...ask, ...when })
  const ended = ending(step, place)
  const proofs = step.proof.flatMap((key) => proofOf(step, key, guide, place))
  const ends = proofs.length > 0 ? proofs : [ended]
  return { first: { ...ask, ...when }, rest: [ended, ...proofs], ends: ends.map(({ key }) => key) }
}

const alone = (step: Step): Part => ({ first: step, rest: [], ends: [step.key] })

const second = 1_000
const minute = 60 * second
/** One look of a check, at most. */
const longestLook = 30 * second
/** Nobody is hurried out of an incident: a question waits this long. */
const asksWait = 30 * 24 * 60 * minute

function looking(step: GuideStep & { verb: 'check' }, place: GuidePlace): CheckStep {
  return {
    key: step.key,
    title: filled(step.title, place),
    verb: 'check',
    check: step.check,
    with: inputAt(step.with, place),
    ...repeated(step.until),
    onFailure: 'warn',
  }
}

/** Time enough for every look and the pauses between. */
function repeated(repeat: Repeat | null): Pick<CheckStep, 'repeat' | 'timeout' | 'retries'> {
  if (!repeat) return { timeout: longestLook, retries: 1 }
  return { repeat, timeout: longestLook + repeat.max * (repeat.every + 5 * second) }
}

/** The run that a *do* started has ended; looked at for as long as approvals and work may take. */
function ending({ key, title }: GuideStep, place: GuidePlace): CheckStep {
  return {
    key: endedOf(key),
    title: `${filled(title, place)}: it is done`,
    verb: 'check',
    check: 'run.ended',
    with: { run: { from: key, field: 'run' } },
    when: { step: key, answer: 'do' },
    // Parked between looks, for as long as approvals may take.
    ...repeated({ every: 5 * second, max: 17_280 }),
    onFailure: 'warn',
  }
}

const endedOf = (key: StepKey): StepKey => `${key}:ended`

/** A check of the guide once more, after what was done has ended well: did it help? */
function proofOf(step: GuideStep, key: StepKey, guide: Guide, place: GuidePlace): CheckStep[] {
  const check = guide.steps.find((other) => other.key === key)
  if (check?.verb !== 'check') return []
  return [
    {
      ...looking(check, place),
      key: `${step.key}:proof:${key}`,
      ...repeated(check.until ?? { every: 15 * second, max: 20 }),
      needs: [endedOf(step.key)],
      when: { step: endedOf(step.key), outcome: 'passed' },
    },
  ]
}

function asking(step: Exclude<GuideStep, { verb: 'check' }>, scene: GuideScene, place: GuidePlace): AskStep {
  return {
    key: step.key,
    title: filled(step.verb === 'say' ? saidAs(step.title) : step.title, place),
    verb: 'ask',
    of: scene.responders,
    question: filled(questionOf(step), place),
    answers: [...answersOf(step), { label: 'Skip…', value: skip, reason: true }],
    quorum: 1,
    expires: asksWait,
    timeout: asksWait,
    onFailure: 'warn',
  }
}

/** "that it is over" is half a sentence where its verb does not stand before it. */
const saidAs = (title: string): string => `Say ${title.replace(/^\p{Lu}(?=\p{Ll})/u, (first) => first.toLowerCase())}`

/** Passing a step over takes a reason; it is an answer like any other, so the run goes on. */
const skip = 'skip'

function answersOf(step: GuideStep): Answer[] {
  if (step.verb === 'ask') return step.answers.map(({ label, value }) => ({ label, value }))
  if (step.verb === 'say') return [{ label: 'Draft it', value: 'draft', style: 'primary' }]
  if (step.verb === 'do') return [{ label: labelOf(step.job), value: 'do', style: styleOf(step.job) }]
  return [{ label: 'Done', value: 'done', style: 'primary' }]
}

const labels: { [job: string]: string } = { deploy: 'Deploy', rollback: 'Roll back', scale: 'Scale' }
const labelOf = (job: string): string => labels[job] ?? 'Do it'

/** What throws something away that people may still be using. */
const harsh = [
  'rollback',
  'postgres.terminate',
  'postgres.terminate-idle',
  'postgres.restart',
  'redis.restart',
  'redis.evict',
  'host.clean',
  'edge.shield',
]
const styleOf = (job: string): 'primary' | 'danger' => (harsh.includes(job) ? 'danger' : 'primary')

/** What stands on the card above the buttons: why, what the answers mean, what would be said or run by hand. */
function questionOf(step: GuideStep): string {
  const parts = [step.why]
  if (step.verb === 'ask')
    parts.push(step.answers.flatMap(({ label, means }) => (means ? [`- **${label}**: ${means}`] : [])).join('\n'))
  if (step.verb === 'say') parts.push(step.text.replace(/^/gm, '> '))
  if (step.verb === 'manual' && step.command) parts.push(fencedCommand(step.command))
  return parts.filter((part) => part !== '').join('\n\n') || step.title
}

function fencedCommand(command: string): string {
  const longest = Math.max(2, ...[...command.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  return `${fence}\n${command}\n${fence}`
}

function whenOf({ when }: GuideStep, guide: Guide): { when?: Condition } {
  const all = when.map((condition) => conditionOf(condition, guide))
  const [only] = all
  if (!only) return {}
  return { when: all.length === 1 ? only : { all } }
}

/** A finding of a check is a warning of the engine's; a person who skips gives an answer. */
function conditionOf(condition: GuideCondition, guide: Guide): Condition {
  if ('answer' in condition) return { step: condition.step, answer: condition.answer }
  const verb = guide.steps.find(({ key }) => key === condition.step)?.verb
  const skipped: Condition = {
    any: [
      { step: condition.step, outcome: 'skipped' },
      { step: condition.step, answer: skip },
    ],
  }
  if (condition.outcome === 'skipped') return skipped
  const step = verb === 'do' ? endedOf(condition.step) : condition.step
  if (condition.outcome === 'failed') return { step, outcome: ['failed', 'warned', 'errored', 'timed out'] }
  return { all: [{ step, outcome: 'passed' }, { not: skipped }] }
}

function pinnedOf(guide: Guide, scene: GuideScene, place: GuidePlace): JsonObject {
  const acts: JsonObject = {}
  const drafts: JsonObject = {}
  const minutes: JsonObject = {}
  const commands: JsonObject = {}
  const why: JsonObject = {}
  for (const step of guide.steps) {
    if (step.verb === 'check' && step.why !== '') why[step.key] = filled(step.why, place)
    if (step.minutes !== null) minutes[step.key] = step.minutes
    if (step.verb === 'do') acts[step.key] = actOf(step, place) as Json
    if (step.verb === 'say') drafts[step.key] = { audience: step.audience, text: filled(step.text, place) }
    if (step.verb === 'manual' && step.command !== null) commands[step.key] = filled(step.command, place)
  }
  const { incident, service, environment } = scene
  const followed = { name: guide.name, title: guide.title, digest: guide.digest }
  return { guide: followed, incident, service, environment, acts, drafts, minutes, commands, why }
}

function actOf({ job, with: input }: GuideStep & { verb: 'do' }, place: GuidePlace): GuideAct {
  if (guideJobs.includes(job)) return { job, with: filledInput(input, place) }
  return { job: 'operate', with: { action: job, with: inputAt(input, place) } }
}
