import { type Actor, hasEnded, type RunId, type RunView } from '../runs/run.js'
import type { Denial } from './denial.js'
import { shownDuration } from './durations.js'
import type { Standing } from './people.js'
import { holds, shownGrant, unproven } from './permission.js'

/** What an ask demands of those who answer it. */
export type Demand = {
  groups: string[]
  people: string[]
  everyone?: boolean
  requester: 'excluded' | 'counts' | 'self with confirmation'
  quorum: number
  environment: string
  /** `deploy`, `rollback` … for the words. */
  job: string
  requestedBy: string
}

/** `approve` counts towards the quorum, `confirm` is the requester's own with a warning first, `reject` ends the run. */
export type Answering = 'approve' | 'confirm' | 'reject' | 'choose'

/** Null when this person's answer counts; `others` are names of people whose answer would. */
export function answerDenied(
  answering: Answering,
  demand: Demand,
  standing: Standing | null,
  others: string[],
  now: Date,
): Denial | null {
  const unknown = unproven(standing, now, `Your answer to this ${demand.job} does not count.`)
  if (unknown || standing === null) return unknown
  const own = standing.id === demand.requestedBy
  if (own && demand.requester === 'excluded') return ownDenied(answering, demand, others)
  if (!holds(grantOf(demand), standing)) return notAsked(answering, demand, others)
  if (own && demand.requester === 'self with confirmation' && answering === 'approve') return unconfirmed(demand)
  return null
}

const grantOf = ({ groups, people, everyone = false }: Pick<Demand, 'groups' | 'people' | 'everyone'>) => ({
  groups,
  people,
  everyone,
})

function ownDenied(answering: Answering, demand: Demand, others: string[]): Denial {
  if (answering === 'reject')
    return {
      code: 'own-rejection',
      what: `You asked for this ${demand.job}, so you cannot reject it.`,
      why: 'A rejection is the word of the people who were asked.',
      next: 'Cancel it to take it back.',
    }
  return {
    code: 'own-approval',
    what: `You asked for this ${demand.job}, so your ${given(answering)} does not count (${needs(demand)}).`,
    why:
      answering === 'choose'
        ? 'It is for somebody else to answer.'
        : `In ${demand.environment} the person who asks never approves.`,
    next: whomToAsk(others),
  }
}

const given = (answering: Answering) => (answering === 'choose' ? 'answer' : 'approval')

const notAsked = (answering: Answering, demand: Demand, others: string[]): Denial => ({
  code: 'not-an-approver',
  what: `Your ${given(answering)} ${answering === 'choose' ? 'to' : 'of'} this ${demand.job} does not count (${needs(demand)}).`,
  why: `You are not one of ${shownGrant(grantOf(demand))}.`,
  next: whomToAsk(others),
})

const unconfirmed = (demand: Demand): Denial => ({
  code: 'confirmation-needed',
  what: `You asked for this ${demand.job}, so your own approval needs your confirmation.`,
  why: `In ${demand.environment} one person may go alone, after a warning and with a notice to the channel.`,
  next: 'Approve it on its card, which asks you to confirm (in the terminal: approve --self), or ask somebody else.',
})

/** "prod needs 2 of @release-managers". */
export function needs({
  environment,
  quorum,
  groups,
  people,
  everyone = false,
}: Omit<Demand, 'requester' | 'requestedBy' | 'job'>): string {
  return `${environment} needs ${quorum} of ${shownGrant({ groups, people, everyone })}`
}

const shownOthers = 5

function whomToAsk(others: string[]): string {
  if (others.length === 0) return 'Ask the operator: nobody else can be found who may approve.'
  const more = others.length > shownOthers ? ` and ${others.length - shownOthers} more` : ''
  return `Ask one of: ${others.slice(0, shownOthers).join(', ')}${more}.`
}

/** Where a quorum stands, in one sentence: "1 of 2 approvals; waiting for 1 more, 12 min left." */
export function standingOfQuorum(given: number, quorum: number, deadline: Date | null, now: Date): string {
  const approvals = quorum === 1 ? 'approval' : 'approvals'
  if (given >= quorum) return `${given} of ${quorum} ${approvals}: that is enough.`
  if (expired(deadline, now)) return `${given} of ${quorum} ${approvals}, and the time to approve is over.`
  const left = deadline ? `, ${shownDuration(deadline.getTime() - now.getTime())} left` : ''
  return `${given} of ${quorum} ${approvals}; waiting for ${quorum - given} more${left}.`
}

export const expired = (deadline: Date | null, now: Date): boolean => deadline !== null && now >= deadline

/** The name of the job that lets somebody decide alone for a while: a run that stays until it was reviewed. */
export const breakingGlass = 'break-glass'
/** The ask that is open for as long as the glass is broken. */
export const openStep = 'open'

/**
 * An emergency in which somebody decides alone in one place, because nobody who approves can be reached: with a reason,
 * for a time, told to the channel, and reviewed by somebody else afterwards.
 */
export type Glass = { run: RunId; by: Actor; reason: string; until: Date }

/** The glass that a run has broken, while it is; null before, after, and for any other run. */
export function glassIn({ run, steps, answers }: RunView, now: Date): Glass | null {
  if (run.intent.job !== breakingGlass || hasEnded(run.state) || run.stopRequested) return null
  // It came back with an older database: somebody may have closed it since.
  if (run.restored) return null
  const open = steps.find(({ key }) => key === openStep)
  if (open?.state !== 'waiting' || !open.deadline || open.deadline <= now) return null
  // Closed is closed at the click, although the run goes on a moment later.
  if (answers.some(({ step, round }) => step === openStep && round === open.round)) return null
  return { run: run.id, by: run.requestedBy, reason: String(run.intent.input.reason), until: open.deadline }
}
