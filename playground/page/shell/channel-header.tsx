import type { ChannelSummary } from '../../workspace/protocol.js'
import { useMessages } from '../control/queries.js'
import { routeHash } from '../control/route.js'
import { useSession } from '../control/session.js'
import { Avatar } from '../messages/avatar.js'
import { Popup } from '../overlays/popup.js'
import { EmojiView } from '../text/mentions.js'
import { plain } from '../text/mrkdwn.js'
import { MrkdwnView } from '../text/mrkdwn-view.js'
import { canvasTitle } from './canvas-view.js'

export function ChannelHeader({ channel }: { channel: ChannelSummary }) {
  const { person, workspace, me, route } = useSession()
  const other = person(channel.kind === 'app' ? workspace.app.bot_user_id : (channel.with ?? ''))
  const topic = channel.topic || channel.purpose
  return (
    <header className="channel-head">
      <div className="channel-title">
        <h1>
          {other ? (
            <Avatar person={other} size={26} />
          ) : (
            <span aria-hidden="true">{channel.kind === 'private' ? '🔒' : '#'}</span>
          )}
          <span>{channel.kind === 'app' ? workspace.app.name : (other?.real_name ?? channel.name)}</span>
          {channel.kind === 'app' && <span className="badge-app">APP</span>}
        </h1>
        {topic && (
          <p className="channel-topic" title={plain(topic)}>
            <MrkdwnView text={topic} />
          </p>
        )}
        {channel.kind === 'im' && other?.title && <p className="channel-topic">{other.title}</p>}
        {(channel.kind === 'channel' || channel.kind === 'private') && (
          <p className="channel-members" title={`${channel.members} members`}>
            <span aria-hidden="true">👤 </span>
            {channel.members}
            <span className="hidden"> members</span>
          </p>
        )}
      </div>
      {channel.kind === 'app' && (
        <div className="tabs" role="tablist" aria-label={workspace.app.name}>
          <Tab href={routeHash({ user: me.id, channel: channel.id, home: true })} name="Home" here={route.home} />
          <Tab href={routeHash({ user: me.id, channel: channel.id, home: false })} name="Messages" here={!route.home} />
        </div>
      )}
      {channel.canvases.length > 0 && <Canvases channel={channel} />}
      <Bar channel={channel} />
    </header>
  )
}

function Canvases({ channel }: { channel: ChannelSummary }) {
  const { me, route } = useSession()
  const place = { user: me.id, channel: channel.id, home: false }
  return (
    <div className="tabs" role="tablist" aria-label={channel.name}>
      <Tab href={routeHash(place)} name="Messages" here={!channel.canvases.some(({ id }) => id === route.canvas)} />
      {channel.canvases.map(({ id, title }) => (
        <Tab
          key={id}
          href={routeHash({ ...place, canvas: id })}
          name={`📄 ${canvasTitle(title)}`}
          here={id === route.canvas}
        />
      ))}
    </div>
  )
}

function Tab({ href, name, here }: { href: string; name: string; here: boolean }) {
  return (
    <a className={here ? 'tab tab-here' : 'tab'} role="tab" aria-selected={here} href={href}>
      {name}
    </a>
  )
}

function Bar({ channel }: { channel: ChannelSummary }) {
  if (channel.bookmarks.length === 0 && channel.pins.length === 0) return null
  return (
    <div className="bookmarks" role="toolbar" aria-label="Pins and bookmarks">
      {channel.pins.length > 0 && <Pins channel={channel} />}
      {channel.bookmarks.map(({ id, title, link, emoji }) => (
        <a key={id} className="bookmark" href={link} target="_blank" rel="noreferrer">
          {emoji ? <EmojiView name={emoji.replaceAll(':', '')} /> : <span aria-hidden="true">🔗</span>} {title}
        </a>
      ))}
    </div>
  )
}

function Pins({ channel }: { channel: ChannelSummary }) {
  const { control, person } = useSession()
  const messages = useMessages(control, channel.id, 200).data?.messages ?? []
  const pinned = messages.filter(({ ts }) => channel.pins.includes(ts))
  const jump = (ts: string) => {
    const row = document.querySelector<HTMLElement>(`.channel [data-ts="${ts}"]`)
    row?.scrollIntoView({ block: 'center' })
    row?.focus()
  }
  return (
    <Popup
      label="Pinned messages"
      role="dialog"
      className="popup-pins"
      button={(props) => (
        <button {...props} type="button" className="bookmark">
          📌 {channel.pins.length === 1 ? '1 pinned' : `${channel.pins.length} pinned`}
        </button>
      )}
    >
      {(close) =>
        pinned.map((message) => (
          <button
            key={message.ts}
            type="button"
            className="pin"
            onClick={() => {
              close()
              jump(message.ts)
            }}
          >
            <b>{person(message.user)?.real_name ?? message.username ?? message.user}</b>
            <span>{plain(message.text).slice(0, 160)}</span>
          </button>
        ))
      }
    </Popup>
  )
}
