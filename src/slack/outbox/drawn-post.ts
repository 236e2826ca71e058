import { openStep } from '../../releases/approvals.js'
import { byHandPostKey } from '../../runs/by-hand.js'
import { detailsPostKey } from '../../runs/ending.js'
import type { RunView } from '../../runs/run.js'
import { askOfPost } from '../../runs/settling.js'
import type { PendingPost } from '../../runs/telling.js'
import { type Message, message, section } from '../blocks.js'
import { byHandMessage } from '../cards/by-hand.js'
import { callMessage, type GroupIds } from '../cards/call.js'
import { detailsMessage } from '../cards/details.js'
import { isGlass } from '../cards/glass.js'
import { type AskRecord, openAsk } from '../cards/parts-of-run.js'
import { isGuide } from '../incidents/room/guide-place.js'
import { lockNoticeMessage } from '../locks/notice.js'
import { escaped } from '../text.js'

/** A pending post as a message; null when there is nothing left to say, such as a call for an answer that was given. */
export async function drawnPost(
  post: PendingPost,
  view: RunView | null,
  groupIds: GroupIds,
  now: Date,
): Promise<Message | null> {
  if (post.notice) return lockNoticeMessage(post.notice, now)
  if (view && post.key === detailsPostKey) return detailsMessage(view, now)
  if (view?.run.plan?.byHand && post.key === byHandPostKey) return byHandMessage(view, view.run.plan.byHand)
  const asked = askOfPost(post.key)
  if (asked === null || !view) return plainMessage(post.text)
  // A guide's questions stand on its card, in a channel where everybody looks already.
  if (isGuide(view)) return null
  // That glass is broken the channel has read a moment ago; only that its time is nearly over is somebody's to act on.
  if (isGlass(view) && asked === openStep && !post.key.endsWith(':again')) return null
  const open: AskRecord | null = openAsk(view)
  return open?.key === asked ? callMessage(view, open, groupIds, now) : null
}

/** Bold and code of our own sentences stay; anything that could mention or link is escaped. */
function plainMessage(text: string): Message {
  const words = escaped(text)
  return message(words, [section(...words.split('\n'))])
}
