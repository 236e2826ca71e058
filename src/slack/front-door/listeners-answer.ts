import type { Clock } from '../../clock.js'
import type { Json } from '../../json.js'
import type { Log } from '../../log.js'
import type { Inbox } from '../../runs/inbox.js'
import type { Arrival } from './arrival.js'
import type { Acknowledgement, HandingOn } from './handing-on.js'
import { slackWaits, type Verdict } from './verdict.js'
import { within } from './within.js'

type Parts = { hand: HandingOn['hand']; inbox: Inbox; clock: Clock; log: Log }

/** What the listener says in its `ack`, kept before Slack is told, so that a redelivery gets the same. */
export async function listenersAnswer(arrival: Arrival, { hand, inbox, clock, log }: Parts): Promise<Verdict> {
  const { parcel } = arrival
  const said = new Promise<Json | null>((resolve) => {
    hand(arrival, async (says) => resolve(asJson(says)))
  })
  const left = parcel.receivedAt.getTime() + slackWaits - clock.now().getTime()
  const says = await within(said, Math.max(0, left))
  if (says === 'too late') {
    log.warn({ kind: parcel.kind }, 'a listener did not answer in the time Slack gives')
    return { accepted: false }
  }
  if (says !== null) await inbox.answered(parcel, { says })
  return { accepted: true, says }
}

function asJson(says: Acknowledgement): Json | null {
  return says === undefined || says === '' ? null : JSON.parse(JSON.stringify(says))
}
