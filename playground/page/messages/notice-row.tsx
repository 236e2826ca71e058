import { type Notice, useSession } from '../control/session.js'
import { MrkdwnView } from '../text/mrkdwn-view.js'
import { formatSlackDate } from '../text/slack-date.js'
import { SlackbotAvatar } from './avatar.js'

/** What Slack itself tells one person ("/deploy failed with the error …"). */
export function NoticeRow({ notice }: { notice: Notice }) {
  const { dismiss, clockOffsetMs } = useSession()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move from message to message
    <article className="message message-ephemeral" tabIndex={0} aria-label={`Slackbot: ${notice.text}`}>
      <div className="message-side">
        <SlackbotAvatar />
      </div>
      <div className="message-main">
        <OnlyYou />
        <p className="message-head">
          <b className="message-name">Slackbot</b>
          <time className="message-time">
            {formatSlackDate('{time}', notice.atMs / 1000, Date.now() + clockOffsetMs)}
          </time>
        </p>
        <div className="message-text">
          <MrkdwnView text={notice.text.replace(/[&<>]/g, escaped)} />
        </div>
        <button type="button" className="link-button message-dismiss" onClick={() => dismiss(notice.id)}>
          Dismiss
        </button>
      </div>
    </article>
  )
}

export function OnlyYou() {
  return (
    <p className="message-only">
      <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
        <path
          d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.4"
        />
        <circle cx="8" cy="8" r="2" fill="currentColor" />
      </svg>{' '}
      Only visible to you
    </p>
  )
}

function escaped(sign: string): string {
  return { '&': '&amp;', '<': '&lt;', '>': '&gt;' }[sign] ?? sign
}
