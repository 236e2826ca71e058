import { memo } from 'react'
import type { Message } from '../../workspace/protocol.js'
import { useSession } from '../control/session.js'
import { useOpenIm } from '../control/use-open-im.js'
import { plain } from '../text/mrkdwn.js'
import { MrkdwnView } from '../text/mrkdwn-view.js'
import { formatSlackDate } from '../text/slack-date.js'
import { Avatar, SlackbotAvatar } from './avatar.js'
import { EditBox } from './edit-box.js'
import { useEditing } from './editing.js'
import { MessageActions } from './message-actions.js'
import { MessageBody } from './message-body.js'
import { OnlyYou } from './notice-row.js'
import { Reactions } from './reactions.js'
import { isSystem, msOf } from './rows.js'
import { ThreadSummary } from './thread-summary.js'

type Props = { message: Message; compact: boolean; inThread: boolean }

export const MessageRow = memo(function MessageRow({ message, compact, inThread }: Props) {
  const { dismiss } = useSession()
  const { ts: editing } = useEditing()
  const name = useAuthor(message)
  const marks = [
    compact && 'message-compact',
    message.ephemeral && 'message-ephemeral',
    message.mentions_me && 'message-mentions',
    message.pinned && 'message-pinned',
  ]
  return (
    <article
      className={['message', ...marks.filter(Boolean)].join(' ')}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move from message to message
      tabIndex={0}
      data-ts={message.ts}
      aria-label={`${name}: ${plain(message.text).slice(0, 200)}`}
    >
      <div className="message-side">
        {compact ? <Time message={message} short /> : <AuthorPicture message={message} />}
      </div>
      <div className="message-main">
        {message.ephemeral && <OnlyYou />}
        {message.pinned && <p className="message-only">📌 Pinned</p>}
        {!compact && <Head message={message} name={name} />}
        {editing === message.ts ? <EditBox message={message} /> : <Content message={message} />}
        {message.reactions && message.reactions.length > 0 && <Reactions message={message} />}
        {!inThread && (message.reply_count ?? 0) > 0 && <ThreadSummary message={message} />}
        {message.ephemeral && (
          <button type="button" className="link-button message-dismiss" onClick={() => dismiss(message.ts)}>
            Dismiss
          </button>
        )}
      </div>
      {!message.ephemeral && !isSystem(message) && <MessageActions message={message} inThread={inThread} />}
    </article>
  )
})

function Content({ message }: { message: Message }) {
  if (isSystem(message))
    return (
      <div className="message-text message-system">
        <MrkdwnView text={message.text} />
      </div>
    )
  return <MessageBody message={message} />
}

function Head({ message, name }: { message: Message; name: string }) {
  const { person } = useSession()
  const author = person(message.user)
  const openIm = useOpenIm()
  return (
    <p className="message-head">
      <button
        type="button"
        className="message-name"
        title={author?.title}
        onClick={() => author && void openIm(author.id)}
      >
        {name}
      </button>
      {(message.bot_id || author?.kind === 'bot') && <span className="badge-app">APP</span>}
      {author?.kind === 'guest' && <span className="badge-app">GUEST</span>}
      <Time message={message} />
    </p>
  )
}

function Time({ message, short = false }: { message: Message; short?: boolean }) {
  const { clockOffsetMs } = useSession()
  const at = new Date(msOf(message.ts))
  const written = formatSlackDate('{time}', at.getTime() / 1000, Date.now() + clockOffsetMs)
  return (
    <time className="message-time" dateTime={at.toISOString()} title={at.toLocaleString()}>
      {short ? written.replace(/ [AP]M$/, '') : written}
    </time>
  )
}

function AuthorPicture({ message }: { message: Message }) {
  const { person } = useSession()
  return message.user === 'USLACKBOT' ? <SlackbotAvatar /> : <Avatar person={person(message.user)} />
}

function useAuthor(message: Message): string {
  const { person, workspace } = useSession()
  if (message.username) return message.username
  if (message.user === 'USLACKBOT') return 'Slackbot'
  if (message.user === workspace.app.bot_user_id) return workspace.app.name
  const author = person(message.user)
  return author?.real_name || author?.name || message.user
}
