import type { AlertNotice, OutsideChange } from '../../incidents/alert.js'
import type { OutsideAct } from '../../incidents/alerts/ports.js'
import { routedChange, routedNotice } from '../../incidents/alerts/rules.js'
import { withCode } from './code.js'
import type { AlertJudge } from './judge.js'
import { applyOutsideAct } from './outside-acts.js'
import type { AlertParts } from './parts.js'

/** What a sender said, in our words. */
export type Arrival = {
  source: string
  key: string | null
  notices: AlertNotice[]
  changes: (OutsideChange & { labels: { [name: string]: string } })[]
  acts: OutsideAct[]
}

/**
 * Keeps what a sender said and has it judged. Resolves when it is committed, which is when the sender may be answered;
 * what is made of it comes after.
 */
export function createIntake(parts: AlertParts, judge: Pick<AlertJudge, 'kick'>) {
  const { rules, names, intake } = parts
  return async ({ source, key, notices, changes, acts }: Arrival, at: Date): Promise<void> => {
    // Acts compare with what is so, so that one that comes again changes nothing; they come before the delivery is
    // remembered, or an act that could not be written would be lost.
    for (const act of acts) await applyOutsideAct(parts, act)
    const { turned } = await intake.take(
      {
        ...{ source, key },
        notices: await Promise.all(notices.map((notice) => withCode(parts, routedNotice(notice, rules, names)))),
        changes: changes.map(({ labels, ...change }) => routedChange(change, labels, rules, names)),
      },
      at,
    )
    if (turned > 0 || notices.length > 0) judge.kick()
  }
}
