import { useState } from 'react'
import type { ChannelSummary } from '../../workspace/protocol.js'
import { Composer } from '../composer/composer.js'
import { useThread } from '../control/queries.js'
import { go } from '../control/route.js'
import { useSession } from '../control/session.js'
import { EditingContext } from './editing.js'
import { MessageList } from './message-list.js'

/** The thread on the right; on a phone it covers the channel. */
export function ThreadPane({ channel, ts }: { channel: ChannelSummary; ts: string }) {
  const { control, notices, me } = useSession()
  const thread = useThread(control, channel.id, ts)
  const [editing, edit] = useState<string>()
  const close = () => go({ user: control.user, channel: channel.id, home: false })
  const messages = thread.data ?? []
  return (
    <aside
      className="thread"
      aria-label="Thread"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) close()
      }}
    >
      <header className="pane-head">
        <div>
          <h2>Thread</h2>
          <p className="pane-note">{channel.kind === 'channel' ? `#${channel.name}` : channel.name}</p>
        </div>
        <button type="button" className="icon-button" aria-label="Close thread" onClick={close}>
          ×
        </button>
      </header>
      <EditingContext value={{ ts: editing, edit }}>
        {thread.error && (
          <p className="pane-error" role="alert">
            {thread.error.message}
          </p>
        )}
        <MessageList
          key={ts}
          label="Thread"
          messages={messages}
          notices={notices.filter((one) => one.channel === channel.id && one.thread === ts)}
          inThread
        />
        <Composer
          key={`${channel.id}-${ts}`}
          channel={channel}
          thread={ts}
          placeholder="Reply…"
          editLast={() => edit(messages.findLast(({ user, ephemeral }) => user === me.id && !ephemeral)?.ts)}
        />
      </EditingContext>
    </aside>
  )
}
