import type { Asker, Press } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import type { JsonObject } from '../../json.js'
import type { Glass } from '../../releases/approvals.js'
import { answerDenied, type Demand, standingOfQuorum } from '../../releases/approvals.js'
import type { Denial } from '../../releases/denial.js'
import { shownDuration } from '../../releases/durations.js'
import type { Standing } from '../../releases/people.js'
import { unproven } from '../../releases/permission.js'
import type { AnswerResult } from '../../runs/ports.js'
import type { AnswerRecord, RunRecord, RunView, StepRecord } from '../../runs/run.js'
import type { AskStep, People } from '../../runs/step.js'
import { tally } from '../../runs/tally.js'
import { glassFor } from '../glass.js'
import { type DeskParts, refusal, standingOf, wake } from './parts.js'
import { shownAnswers, standsAt, titleOf } from './wording.js'

export type AnswerPress = Extract<Press, { name: 'approve' | 'confirm' | 'reject' | 'choose' }>

/** Counts somebody's answer to an ask, or says why it changed nothing. Decided here, at the act. */
export async function answer(
  parts: DeskParts,
  pressed: AnswerPress,
  view: RunView,
  asker: Asker,
  going: (guide: RunView, press: Pressed, asker: Asker) => Promise<SetGoing | null> = async () => null,
): Promise<Reply> {
  const press = byItsName(pressed)
  const now = parts.clock.now()
  const standing = await standingOf(parts, asker)
  const unknown = unproven(standing, now, 'Your answer does not count.')
  if (unknown) return refusal(unknown)
  const asked = askedBy(view, press.step)
  if (!asked) return refusal(changedNothing(parts, view, { accepted: false, why: 'no such step', answers: [] }))
  const denial = await mayNotAnswer(parts, press.name, view, asked.step, standing)
  const glass = isApproving(press) ? await glassFor(parts, view.run.intent, standing) : null
  if (denial && !glass) return refusal(denial)
  const incomplete = unsaid(press, asked.step)
  if (incomplete) return refusal(incomplete)
  const set = press.name === 'choose' && isOpen(press, view, asked) ? await going(view, press, asker) : null
  if (set && set.data === null) return set.reply
  const record = glass ? aloneUnder(glass, recordOf(press, asker, now)) : recordOf(press, asker, now)
  const result = await parts.desk.answer({ ...record, ...(set?.data && { data: set.data }) })
  if (!result.accepted) return refusal(changedNothing(parts, view, result, asker))
  await wake(parts, press.run)
  if (set) return set.reply
  return { kind: 'said', text: glass ? alone(glass, view, now) : counted(parts, press, view, asked, result.answers) }
}

/** An approval that is chosen as a word is one all the same, with all that is asked of one. */
function byItsName(press: AnswerPress): AnswerPress {
  if (press.name !== 'choose') return press
  const { name: _, answer, reason, ...where } = press
  if (answer === 'approve') return { ...where, name: 'approve' }
  return answer === 'reject' ? { ...where, name: 'reject', reason } : press
}

const isApproving = ({ name }: AnswerPress) => name === 'approve' || name === 'confirm'

/** Enough by itself. The reason that was given for it stands with it, on every card and in every list. */
const aloneUnder = ({ run, reason }: Glass, record: AnswerRecord): AnswerRecord => ({
  ...record,
  reason: `alone, glass broken in #${run}: ${reason}`,
  data: { alone: run },
})

const alone = ({ run, until }: Glass, view: RunView, now: Date): string =>
  `Your approval of ${titleOf(view.run)} is enough: you broke glass there (#${run}).\nIt is broken for ${shownDuration(until.getTime() - now.getTime())} more; close it on its card when you need it no longer.`

type Pressed = { step: string; round: number; answer: string }

/** What an answer sets going before it counts; without data it came to nothing, and the answer does not count. */
export type SetGoing = { reply: Reply; data: JsonObject | null }

/** What an old card asks sets nothing going. */
const isOpen = ({ round, digest }: AnswerPress, { run }: RunView, asked: StepRecord): boolean =>
  asked.state === 'waiting' && asked.round === round && run.plan?.digest === digest

/** The ask a view has under that key, whatever its state. */
function askedBy(view: RunView, key: string): (StepRecord & { step: AskStep }) | null {
  const found = view.steps.find((step) => step.key === key)
  return found && found.step.verb === 'ask' ? { ...found, step: found.step } : null
}

/** Why this person's answer would not count, with the names of those whose would; null when it counts. */
async function mayNotAnswer(
  parts: DeskParts,
  answering: AnswerPress['name'],
  { run }: RunView,
  ask: AskStep,
  standing: Standing | null,
): Promise<Denial | null> {
  const now = parts.clock.now()
  if (answerDenied(answering, demandOf(run, ask), standing, [], now) === null) return null
  const others = await namesOf(parts, ask.of, [run.requestedBy.id, standing?.id ?? ''])
  return answerDenied(answering, demandOf(run, ask), standing, others, now)
}

/** What an ask of a run demands of those who answer it. */
export const demandOf = ({ intent, requestedBy }: RunRecord, { of, quorum }: AskStep): Demand => ({
  ...of,
  quorum,
  environment: intent.environment,
  job: intent.job,
  requestedBy: requestedBy.id,
})

const looked = 8

/** Names of people who may answer, in no order; the groups' handles when people cannot be looked up. */
async function namesOf(parts: DeskParts, of: People, except: string[]): Promise<string[]> {
  try {
    const members = await Promise.all(of.groups.map((group) => parts.directory.members(group)))
    const ids = [...new Set([...of.people, ...members.flat()])].filter((id) => !except.includes(id))
    const standings = await Promise.all(ids.slice(0, looked).map((id) => parts.directory.standing(id)))
    return standings.filter(({ barred }) => barred === null).map(({ name }) => name)
  } catch (error) {
    parts.log.info({ err: error }, 'could not name those who may approve')
    return of.groups.map((group) => `@${group}`)
  }
}

function unsaid(press: AnswerPress, ask: AskStep): Denial | null {
  const value = press.name === 'choose' ? press.answer : press.name === 'reject' ? 'reject' : 'approve'
  const possible = ask.answers.find((one) => one.value === value)
  if (!possible)
    return {
      code: 'no-such-answer',
      what: 'Your answer changed nothing.',
      why: `This question takes: ${ask.answers.map(({ label }) => label.replace('…', '')).join(', ')}.`,
      next: 'Press one of its buttons.',
    }
  if (!possible.reason || ('reason' in press && press.reason.trim() !== '')) return null
  return {
    code: 'reason-missing',
    what: `${possible.label.replace('…', '')} needs a reason.`,
    why: 'Whoever asked must know what to change.',
    next: 'Say in a few words why.',
  }
}

function recordOf(press: AnswerPress, { actor }: Asker, at: Date): AnswerRecord {
  const { run, step, round, digest } = press
  const base = { run, step, round, digest, person: actor, at }
  if (press.name === 'choose') return { ...base, answer: press.answer, reason: press.reason.trim() }
  if (press.name === 'reject') return { ...base, answer: 'reject', reason: press.reason.trim() }
  return { ...base, answer: 'approve', reason: press.name === 'confirm' ? 'confirmed alone' : '' }
}

function counted(
  parts: DeskParts,
  press: AnswerPress,
  { run }: RunView,
  { step, deadline }: { step: AskStep; deadline: Date | null },
  answers: AnswerRecord[],
): string {
  if (press.name === 'reject')
    return `You rejected ${titleOf(run)}.\nIt ends without a change; the reason is on its card.`
  if (press.name === 'choose') return `Your answer to ${titleOf(run)} counts.\nIt goes on.`
  const now = parts.clock.now()
  const inRound = answers.filter(({ round }) => round === press.round)
  const result = tally(step, inRound, press.digest, deadline, now)
  const given = result.kind === 'answered' ? result.by.length : result.kind === 'open' ? result.given : 0
  return `Your approval of ${titleOf(run)} counts.\n${standingOfQuorum(given, step.quorum, deadline, now)}`
}

type NotAccepted = Extract<AnswerResult, { accepted: false }>

/** A click on an old, used or foreign card: what is so, and what the first one did. */
function changedNothing(parts: DeskParts, { run }: RunView, { why, answers }: NotAccepted, asker?: Asker): Denial {
  const now = parts.clock.now()
  const what = `Your click changed nothing: ${titleOf(run)} ${standsAt(run)}.`
  const given = shownAnswers(answers, now)
  const next = `Look at its card as it is now, or type /ops runs ${run.id}`
  const own = shownAnswers(
    answers.filter(({ person }) => person.id === asker?.actor.id),
    now,
  )
  if (why === 'already answered' || (why === 'closed' && own)) {
    return { code: 'answered-already', what, why: `You have answered: ${own || given}.`, next: 'Nothing more to do.' }
  }
  if (why === 'other plan' || why === 'other round') {
    const changes = run.planChanges.slice(0, 3).join('; ')
    const words = `Its plan changed after that card was drawn${changes ? `: ${changes}` : ''}.`
    return { code: 'other-plan', what, why: words, next: 'Read the card as it is now and decide again.' }
  }
  if (why === 'answered')
    return { code: 'closed', what: 'Your answer does not count.', why: `It was answered before: ${given}.`, next }
  if (why === 'no such step') return { code: 'no-such-question', what, why: 'It does not ask that.', next }
  return { code: 'closed', what, why: given ? `It was decided: ${given}.` : 'The question is closed.', next }
}
