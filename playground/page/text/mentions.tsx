import { routeHash } from '../control/route.js'
import { useSession } from '../control/session.js'
import { emojiCharacter } from './emoji.js'
import { formatSlackDate } from './slack-date.js'

export function UserMention({ id, label }: { id: string; label?: string }) {
  const { me, person, workspace } = useSession()
  const name = person(id)?.name ?? (id === workspace.app.bot_user_id ? workspace.app.name : (label ?? id))
  return <span className={id === me.id ? 'mention mention-me' : 'mention'}>@{name.replace(/^@/, '')}</span>
}

export function GroupMention({ id, label }: { id: string; label?: string }) {
  const { me, workspace } = useSession()
  const group = workspace.groups.find((one) => one.id === id)
  const mine = group?.users.includes(me.id) ?? false
  return (
    <span className={mine ? 'mention mention-me' : 'mention'} title={group?.name}>
      @{(group?.handle ?? label ?? id).replace(/^@/, '')}
    </span>
  )
}

export function BroadcastMention({ range }: { range: string }) {
  return <span className="mention mention-me">@{range}</span>
}

export function ChannelMention({ id, label }: { id: string; label?: string }) {
  const { channel, me } = useSession()
  const name = channel(id)?.name ?? label
  if (!channel(id)) return <span className="mention">#{name ?? 'private-channel'}</span>
  return (
    <a className="mention" href={routeHash({ user: me.id, channel: id, home: false })}>
      #{name}
    </a>
  )
}

/** A shortcode as its character; an unknown one stays as it was typed, as in Slack. */
export function EmojiView({ name }: { name: string }) {
  const character = emojiCharacter(name)
  if (!character) return `:${name}:`
  return (
    <span className="emoji" role="img" aria-label={name.replaceAll('_', ' ')} title={`:${name}:`}>
      {character}
    </span>
  )
}

/** A link that leaves the page; what is not an address of the web, mail or telephone stays text. */
export function LinkView({ url, label }: { url: string; label: string }) {
  if (!isAddress(url)) return label
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {label}
    </a>
  )
}

export function MomentView({
  unix,
  format,
  url,
  fallback,
}: {
  unix: number
  format: string
  url?: string
  fallback: string
}) {
  const { clockOffsetMs } = useSession()
  const at = new Date(unix * 1000)
  if (Number.isNaN(at.getTime())) return fallback
  const written = formatSlackDate(format, unix, Date.now() + clockOffsetMs)
  const moment = (
    <time dateTime={at.toISOString()} title={at.toLocaleString()}>
      {written}
    </time>
  )
  return url && isAddress(url) ? (
    <a href={url} target="_blank" rel="noreferrer">
      {moment}
    </a>
  ) : (
    moment
  )
}

/** Blocks come from apps: a `javascript:` address must not become a link. */
export function isAddress(url: string): boolean {
  return /^(https?|mailto|tel|slack):/i.test(url)
}
