import type { AlertJudge } from './judge.js'
import type { AlertParts } from './parts.js'
import { tendSilences } from './silencing.js'

/** Longer than any sender goes on trying. */
const deliveriesKept = 7 * 86_400_000

/**
 * What is due of alerts by itself: silences that are over or wanted, alerts that nobody judged yet or whose silence has
 * ended, and alerts of which nothing is heard any more. For the keeper, every few seconds.
 */
export async function tendAlerts(parts: AlertParts, judge: Pick<AlertJudge, 'judgeAll'>): Promise<void> {
  const now = parts.clock.now()
  await tendSilences(parts)
  const ago = (ms: number) => new Date(now.getTime() - ms)
  await parts.book.forget(ago(deliveriesKept), ago(parts.rules.unheard), now)
  // A turn costs a connection, so none is taken where nothing is to be judged.
  if ((await parts.book.unjudged(now, 1)).length > 0) await judge.judgeAll()
}
