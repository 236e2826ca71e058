import { useEffect, useState } from 'react'
import type { ChannelSummary, Message } from '../../workspace/protocol.js'
import { Composer } from '../composer/composer.js'
import { useMessages } from '../control/queries.js'
import { useSession } from '../control/session.js'
import { AppHome } from '../home/app-home.js'
import { EditingContext } from '../messages/editing.js'
import { MessageList } from '../messages/message-list.js'
import { isAfter } from '../messages/rows.js'
import { CanvasView } from './canvas-view.js'
import { ChannelHeader } from './channel-header.js'

const page = 60

/** One channel, direct message, or the app with its two tabs. */
export function ChannelView({ channel }: { channel: ChannelSummary }) {
  const { route } = useSession()
  const home = channel.kind === 'app' && route.home
  const canvas = channel.canvases.find(({ id }) => id === route.canvas)
  return (
    <main className="channel" aria-label={channel.kind === 'channel' ? `Channel ${channel.name}` : channel.name}>
      <ChannelHeader channel={channel} />
      {home ? (
        <AppHome />
      ) : canvas ? (
        <CanvasView channel={channel} id={canvas.id} />
      ) : (
        <Conversation channel={channel} />
      )}
    </main>
  )
}

function Conversation({ channel }: { channel: ChannelSummary }) {
  const { control, notices, me } = useSession()
  const [limit, setLimit] = useState(page)
  const [editing, edit] = useState<string>()
  // The line "New" stays where it was when the channel was opened.
  const [lastRead] = useState(channel.unread > 0 ? channel.last_read : undefined)
  const history = useMessages(control, channel.id, limit)
  const messages = history.data?.messages ?? []
  useReadMark(channel, messages)
  const name = channel.kind === 'channel' || channel.kind === 'private' ? `#${channel.name}` : channel.name
  return (
    <EditingContext value={{ ts: editing, edit }}>
      {history.error && (
        <p className="pane-error" role="alert">
          {history.error.message}
        </p>
      )}
      {history.isPending ? (
        <div className="messages" aria-busy="true" />
      ) : (
        <MessageList
          label={`Messages in ${name}`}
          messages={messages}
          notices={notices.filter((one) => one.channel === channel.id && !one.thread)}
          lastRead={lastRead}
          beginning={<Beginning channel={channel} name={name} />}
          olderShown={history.data?.has_more ? () => setLimit(limit + page) : undefined}
        />
      )}
      {channel.member && !channel.archived ? (
        <Composer
          key={channel.id}
          channel={channel}
          placeholder={`Message ${name}`}
          editLast={() => edit(messages.findLast(({ user, ephemeral }) => user === me.id && !ephemeral)?.ts)}
        />
      ) : (
        <Outside channel={channel} name={name} />
      )}
    </EditingContext>
  )
}

function Beginning({ channel, name }: { channel: ChannelSummary; name: string }) {
  const { workspace } = useSession()
  if (channel.kind === 'app') {
    return (
      <p className="beginning">
        <b>{workspace.app.name}</b>
        <span>Messages from the app to you. Commands work here too.</span>
      </p>
    )
  }
  const where = channel.kind === 'im' ? `your conversation with ${name}` : `the ${name} channel`
  return (
    <p className="beginning">
      <b>{name}</b>
      <span>
        This is the very beginning of {where}. {channel.purpose}
      </span>
    </p>
  )
}

function Outside({ channel, name }: { channel: ChannelSummary; name: string }) {
  const { control, run } = useSession()
  if (channel.archived)
    return (
      <p className="outside">
        You are viewing <b>{name}</b>, an archived channel.
      </p>
    )
  return (
    <div className="outside">
      <p>
        You are viewing <b>{name}</b>
      </p>
      <button type="button" className="btn btn-primary" onClick={() => void run(control.join(channel.id))}>
        Join channel
      </button>
    </div>
  )
}

/** Replies count: a mention in a thread would stay unread for ever otherwise. */
function newestShown(messages: Message[]): string | undefined {
  return messages
    .filter(({ ephemeral }) => !ephemeral)
    .flatMap(({ ts, latest_reply }) => (latest_reply ? [ts, latest_reply] : [ts]))
    .reduce<string | undefined>((newest, ts) => (newest && !isAfter(ts, newest) ? newest : ts), undefined)
}

/** Marks the channel as read while the page is looked at. */
function useReadMark(channel: ChannelSummary, messages: Message[]): void {
  const { control } = useSession()
  const last = newestShown(messages)
  useEffect(() => {
    if (!last || !channel.member) return
    const mark = () => {
      if (document.visibilityState === 'visible' && (isAfter(last, channel.last_read) || channel.unread > 0)) {
        void control.read({ channel: channel.id, ts: last }).catch(() => {})
      }
    }
    mark()
    document.addEventListener('visibilitychange', mark)
    return () => document.removeEventListener('visibilitychange', mark)
  }, [last, channel.id, channel.last_read, channel.member, channel.unread, control])
}
