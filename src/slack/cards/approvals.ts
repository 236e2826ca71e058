import type { AnswerRecord, RunView } from '../../runs/run.js'
import type { People } from '../../runs/step.js'
import { standsAlone } from '../../runs/tally.js'
import { momentToken } from '../moment.js'
import { plural, quote } from '../text.js'
import { type AskRecord, approvalsOf } from './parts-of-run.js'
import { gap, signs } from './signs.js'
import { nameOf } from './subject.js'

/** Who has approved and how many it takes; one line an ask. */
export function approvalLines(view: RunView, now: Date): string[] {
  return approvalsOf(view).map((ask) => approvalLine(view, ask, now))
}

function approvalLine(view: RunView, ask: AskRecord, now: Date): string {
  const given = countedAnswers(view, ask)
  const approvals = given.filter(({ answer }) => answer !== 'reject')
  const names = given.map(
    (answer) =>
      `${answer.answer === 'reject' ? signs.failed : signs.done} ${nameOf(answer.person)} ${momentToken(answer.at, now)}${aloneOf(answer)}`,
  )
  const count = `${Math.min(approvals.length, ask.step.quorum)} of ${ask.step.quorum} from ${fromWhom(ask.step.of)}`
  return ['*Approvals*', count, ...names].join(gap)
}

/** That one was enough is said where it stands. */
export function aloneOf(answer: AnswerRecord): string {
  const glass = standsAlone(answer)
  return glass === null ? '' : ` alone, glass broken (#${glass})`
}

/** Answers that count for this round and plan: earlier ones were given to something else. */
export function countedAnswers(view: RunView, ask: AskRecord): AnswerRecord[] {
  return view.answers.filter(
    ({ step, round, digest }) => step === ask.key && round === ask.round && digest === view.run.plan?.digest,
  )
}

/** Group handles in plain words; people by number, because a name with an @ would call them from the card. */
export function fromWhom({ groups, people }: People): string {
  const handles = groups.map((group) => `@${quote(group, 40)}`)
  const named = people.length > 0 ? [`${plural(people.length, 'named person', 'named people')}`] : []
  return [...handles, ...named].join(' or ') || 'nobody'
}
