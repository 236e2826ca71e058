import type { Message } from '../../workspace/protocol.js'
import { go } from '../control/route.js'
import { useSession } from '../control/session.js'
import { formatSlackDate } from '../text/slack-date.js'
import { Avatar } from './avatar.js'

export function ThreadSummary({ message }: { message: Message }) {
  const { control, person, clockOffsetMs } = useSession()
  const replies = message.reply_count ?? 0
  const last =
    message.latest_reply && formatSlackDate('{ago}', Number(message.latest_reply), Date.now() + clockOffsetMs)
  return (
    <button
      type="button"
      className="thread-summary"
      onClick={() => go({ user: control.user, channel: message.channel, thread: message.ts, home: false })}
    >
      {(message.reply_users ?? []).slice(0, 4).map((user) => (
        <Avatar key={user} person={person(user)} size={22} />
      ))}
      <b>{replies === 1 ? '1 reply' : `${replies} replies`}</b>
      {last && <span className="thread-last">Last reply {last}</span>}
    </button>
  )
}
