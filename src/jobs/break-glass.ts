import { z } from 'zod'
import { refused } from '../errors.js'
import { digestOf } from '../json.js'
import { breakingGlass, openStep } from '../releases/approvals.js'
import { shownDuration } from '../releases/durations.js'
import type { PlanDraft } from '../runs/plan.js'
import type { Intent } from '../runs/run.js'
import type { AskStep, CheckStep, People, Step } from '../runs/step.js'
import type { Facts } from './facts.js'
import { tell } from './gates.js'
import { openGlass } from './glass.js'
import type { Job } from './jobs.js'
import { placeOf } from './place.js'

const input = z.strictObject({
  reason: z.string().min(1).max(300),
  /** Milliseconds; as long as the operator's file allows when left out. */
  for: z.number().int().positive().optional(),
  /** Whoever asked, put in by the desk and never by words. */
  by: z.strictObject({ id: z.string(), name: z.string() }).optional(),
})

/**
 * Somebody decides alone in a place for a while, because nobody who approves can be reached. The run is the whole of it: it
 * tells the channel, stays open until somebody closes it or its time is over, lists what was decided under it, and waits for
 * somebody else to review that. What it allows is decided at each act, from its rows.
 */
export const breakGlass: Job = {
  name: breakingGlass,
  input,
  act: 'breakGlass',
  priority: 0,
  besideLocks: true,
  resources: () => [],
  plan: planBreakGlass,
}

export async function planBreakGlass(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const { service, environment } = intent
  const { reason, by = { id: '', name: 'Somebody' }, ...asked } = input.parse(intent.input)
  const place = placeOf(intent, facts)
  if (place.environment.mode === 'observe') throw nothingToBreak(environment)
  const { longest, acts, review } = place.environment.breakGlass
  const time = asked.for ?? longest
  if (time > longest) throw tooLong(time, longest, intent)
  const open = await openGlass(facts.runs, intent, by.id, facts.now)
  if (open) throw openAlready(open, facts.now)
  const reviewers = { groups: review.groups, people: review.people }
  return {
    headline: {
      job: breakingGlass,
      service,
      environment,
      from: null,
      to: null,
      changes: [],
      migrations: [],
      risk: 'high',
      notes: [`for ${shownDuration(time)}`, `without approvals: ${acts.join(', ')}`, `why: ${reason}`],
      undo: 'close it',
    },
    pinned: { service, environment, by: by.id, for: time, configuration: digestOf({ acts, review }).slice(0, 16) },
    steps: [
      tell('notice', 'tell the channel', { kind: 'channel' }, noticeOf(intent, by.name, time, reason)),
      opened({ ...reviewers, people: [...reviewers.people, by.id], requester: 'counts' }, time),
      listed(intent),
      reviewed({ ...reviewers, requester: 'excluded' }, review.within, by.name),
      wrong(intent),
    ],
    observe: false,
    result: null,
  }
}

const nothingToBreak = (environment: string) =>
  refused('glass-observed', `There is no glass to break in ${environment}.`, {
    wanted: 'an environment where Shipmate acts',
    came: `${environment}, which only observes`,
    next: 'Nothing is changed there, and nobody is asked.',
  })

const tooLong = (time: number, longest: number, { service, environment }: Intent) =>
  refused('glass-too-long', `Glass in ${environment} is not broken for ${shownDuration(time)}.`, {
    wanted: `at most ${shownDuration(longest)}, as the operator’s file says`,
    came: shownDuration(time),
    next: `For as long as it allows: /ops break-glass ${service} ${environment} because …`,
  })

const openAlready = ({ run, until }: { run: number; until: Date }, now: Date) =>
  refused('glass-open', `You have broken glass there already (#${run}).`, {
    wanted: 'a place where you have not',
    came: `glass that is broken for ${shownDuration(until.getTime() - now.getTime())} more`,
    next: 'Ask for what you need: your own approval is enough.',
  })

const noticeOf = ({ service, environment }: Intent, who: string, time: number, reason: string): string =>
  [
    `Glass is broken for ${service} in ${environment}: ${who} decides there alone, for ${shownDuration(time)} at most.`,
    `Why: ${reason}`,
    'Everything that is decided under it is listed, and reviewed by somebody else afterwards.',
  ].join('\n')

const opened = (of: People, time: number): AskStep => ({
  key: openStep,
  title: 'glass is broken',
  verb: 'ask',
  of,
  question: 'Close it as soon as it is not needed any more.',
  answers: [{ label: 'Close it', value: 'close' }],
  quorum: 1,
  expires: time,
  timeout: time,
  // Its time being over is one of the two ways in which it ends well.
  onFailure: 'warn',
})

const listed = ({ service, environment }: Intent): CheckStep => ({
  key: 'used',
  title: 'what was decided under it',
  verb: 'check',
  check: 'jobs.under-glass',
  with: { service, environment },
  timeout: 30_000,
  retries: 5,
  onFailure: 'warn',
})

const reviewed = (of: People, within: number, who: string): AskStep => ({
  key: 'review',
  title: 'reviewed by somebody else',
  verb: 'ask',
  of,
  question: `Was ${who} right to decide alone?`,
  about: 'used',
  answers: [
    { label: 'It was right…', value: 'right', style: 'primary', reason: true },
    { label: 'It was not…', value: 'wrong', style: 'danger', reason: true },
  ],
  quorum: 1,
  expires: within,
  timeout: within,
  onFailure: 'stop',
})

const wrong = ({ service, environment }: Intent): Step => ({
  ...tell(
    'found-wrong',
    'tell the channel what the review found',
    { kind: 'channel' },
    `The review found that glass for ${service} in ${environment} should not have been broken. Why stands on its card.`,
  ),
  when: { step: 'review', answer: 'wrong' },
})
