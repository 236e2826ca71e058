import type { Message } from '../../workspace/protocol.js'
import { BlocksView } from '../blocks/block-view.js'
import { useSurfaceOf } from '../elements/use-surface.js'
import { MrkdwnView } from '../text/mrkdwn-view.js'
import { Attachments } from './attachments.js'
import { Files } from './files.js'

/** What a message says: its blocks, or its text where it has none; then attachments and files. */
export function MessageBody({ message }: { message: Message }) {
  const blocks = message.blocks ?? []
  const surface = useSurfaceOf({ channel: message.channel, message_ts: message.ts }, blocks, {
    where: { channel: message.channel, thread: threadOf(message) },
  })
  const edited = message.edited && !message.bot_id && <span className="message-edited"> (edited)</span>
  return (
    <>
      {blocks.length > 0 ? (
        <div className="message-text message-blocks">
          <BlocksView blocks={blocks} surface={surface} />
          {edited}
        </div>
      ) : (
        message.text && (
          <div className="message-text">
            <MrkdwnView text={message.text} />
            {edited}
          </div>
        )
      )}
      {message.attachments && <Attachments attachments={message.attachments} surface={surface} />}
      {message.files && <Files files={message.files} />}
    </>
  )
}

function threadOf({ thread_ts, ts }: Message): string | undefined {
  return thread_ts && thread_ts !== ts ? thread_ts : undefined
}
