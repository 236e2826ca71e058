import { breakingGlass, openStep } from '../../releases/approvals.js'
import { hasEnded, type RunView } from '../../runs/run.js'
import { leftToken, momentToken } from '../moment.js'
import { quote } from '../text.js'
import { fromWhom } from './approvals.js'
import { openAsk } from './parts-of-run.js'
import { lights } from './signs.js'
import { nameOf } from './subject.js'

/** Somebody decides, or decided, alone in a place: a run whose card tells of nothing else. */
export const isGlass = ({ run }: Pick<RunView, 'run'>): boolean => run.intent.job === breakingGlass

/** What is true of it now. */
export function glassHead(view: RunView): string {
  const { run } = view
  const place = `for ${quote(run.intent.service, 40)} in *${quote(run.intent.environment, 40)}*`
  const ask = openAsk(view)
  if (ask?.key === openStep)
    return `${lights.people} Glass is *broken* ${place} · ${nameOf(run.requestedBy)} decides alone`
  if (ask) return `${lights.people} Glass ${place} is closed · waiting for its review`
  const review = reviewOf(view)
  if (review?.answer === 'right') return `${lights.done} Glass ${place} was broken, and the review found it right.`
  if (review?.answer === 'wrong') return `${lights.failed} Glass ${place} was broken, and the review found it *wrong*.`
  if (run.state === 'timed out') return `${lights.failed} Glass ${place} was broken, and *nobody* reviewed it in time.`
  const open = view.steps.find(({ key }) => key === openStep)
  const isBroken = open !== undefined && open.startedAt !== null
  if (hasEnded(run.state))
    return `${lights.failed} Glass ${place} was ${isBroken ? 'broken, and *not* reviewed' : '*not* broken'}.`
  return `${lights.working} Glass ${place} is ${isBroken ? 'closed' : 'being broken'}`
}

/** Why, until when and what was decided under it; then what people can do. */
export function glassLines(view: RunView, now: Date): string[] {
  const { run } = view
  const why = `Why: ${quote(String(run.intent.input.reason ?? ''), 300)}`
  const ask = openAsk(view)
  const until = ask?.deadline ? `until ${momentToken(ask.deadline, now)} (${leftToken(ask.deadline, now)})` : ''
  if (ask?.key === openStep) return [`Broken ${until}. Close it as soon as it is not needed any more.`, why]
  const used = view.steps.find(({ key }) => key === 'used')?.evidence?.summary
  const account = used ? [`${quote(`${used.charAt(0).toUpperCase()}${used.slice(1)}`, 1_500)}.`] : []
  if (ask) return [`Waiting for one of ${fromWhom(reviewersOf(view))}, ${until}.`, why, ...account]
  const review = reviewOf(view)
  if (review) return [`${nameOf(review.person)}: ${quote(review.reason, 300)}`, why, ...account]
  return run.reason ? [quote(run.reason.text, 300), why, ...account] : [why, ...account]
}

const reviewOf = (view: RunView) => view.answers.findLast(({ step }) => step === 'review')

function reviewersOf(view: RunView) {
  const step = view.steps.find(({ key }) => key === 'review')?.step
  return step?.verb === 'ask' ? step.of : { groups: [], people: [], requester: 'excluded' as const }
}
