import { type KeyboardEvent, type ReactNode, useState } from 'react'
import type { ChannelSummary, Person } from '../../workspace/protocol.js'
import { routeHash } from '../control/route.js'
import { useSession } from '../control/session.js'
import { useOpenIm } from '../control/use-open-im.js'
import { Avatar } from '../messages/avatar.js'
import { BrowseChannels } from './browse-channels.js'

/** Channels, direct messages and apps; a drawer on a phone. */
export function Sidebar({ open, close }: { open: boolean; close: () => void }) {
  const { channels, workspace, me } = useSession()
  const [browsing, setBrowsing] = useState(false)
  const of = (...kinds: ChannelSummary['kind'][]) => channels.filter(({ kind }) => kinds.includes(kind))
  const written = new Set(of('im').map((channel) => channel.with))
  const unwritten = workspace.people.filter(
    ({ id, kind, deleted }) => !deleted && kind !== 'bot' && id !== me.id && !written.has(id),
  )
  const joined = of('channel', 'private').filter(({ member, archived }) => member && !archived)
  return (
    <nav
      className={open ? 'sidebar sidebar-open' : 'sidebar'}
      aria-label="Channels and direct messages"
      onKeyDown={(event) => (event.key === 'Escape' ? close() : move(event))}
    >
      <div className="sidebar-head">
        <span className="sidebar-sign" aria-hidden="true">
          {workspace.team.name.charAt(0)}
        </span>
        <span>
          <b>Playground workspace</b>
          <small>{workspace.team.name}</small>
        </span>
      </div>
      <div className="sidebar-scroll">
        <Section title="Channels">
          {joined.map((channel) => (
            <Entry key={channel.id} channel={channel} />
          ))}
          <li>
            <button type="button" className="entry entry-quiet" onClick={() => setBrowsing(true)}>
              <span className="entry-sign" aria-hidden="true">
                +
              </span>{' '}
              Browse channels
            </button>
          </li>
        </Section>
        <Section title="Direct messages">
          {of('im').map((channel) => (
            <Entry key={channel.id} channel={channel} />
          ))}
          {unwritten.map((person) => (
            <PersonEntry key={person.id} person={person} />
          ))}
        </Section>
        <Section title="Apps">
          {of('app').map((channel) => (
            <Entry key={channel.id} channel={channel} />
          ))}
        </Section>
      </div>
      <p className={workspace.app.connected ? 'sidebar-foot' : 'sidebar-foot sidebar-off'}>
        <span aria-hidden="true" className="light" /> {workspace.app.name} is{' '}
        {workspace.app.connected ? 'connected' : 'not connected'}
      </p>
      {browsing && <BrowseChannels close={() => setBrowsing(false)} />}
    </nav>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const [open, setOpen] = useState(true)
  return (
    <section className="section" aria-label={title}>
      <h2>
        <button type="button" className="section-title" aria-expanded={open} onClick={() => setOpen(!open)}>
          <span aria-hidden="true">{open ? '▾' : '▸'}</span> {title}
        </button>
      </h2>
      {open && <ul>{children}</ul>}
    </section>
  )
}

function Entry({ channel }: { channel: ChannelSummary }) {
  const { me, route, person, workspace } = useSession()
  const here = route.channel === channel.id
  const other = person(channel.kind === 'app' ? workspace.app.bot_user_id : (channel.with ?? ''))
  const name =
    channel.kind === 'im'
      ? (other?.real_name ?? channel.name)
      : channel.kind === 'app'
        ? workspace.app.name
        : channel.name
  const unread = channel.unread > 0 && !here
  const marks = [here && 'entry-here', unread && 'entry-unread']
  const told =
    channel.mentions > 0
      ? `, ${channel.mentions} ${channel.mentions === 1 ? 'mention' : 'mentions'}`
      : unread
        ? ', unread messages'
        : ''
  return (
    <li>
      <a
        className={['entry', ...marks.filter(Boolean)].join(' ')}
        href={routeHash({ user: me.id, channel: channel.id, home: channel.kind === 'app' && channel.unread === 0 })}
        aria-current={here ? 'page' : undefined}
        aria-label={`${name}${told}`}
        data-channel={channel.id}
      >
        {other ? (
          <Avatar person={other} size={20} />
        ) : (
          <span className="entry-sign" aria-hidden="true">
            {channel.kind === 'private' ? '🔒' : '#'}
          </span>
        )}
        <span className="entry-name">{name}</span>
        {channel.mentions > 0 && <span className="badge">{channel.mentions}</span>}
      </a>
    </li>
  )
}

/** Somebody to whom nothing has been written yet. */
function PersonEntry({ person }: { person: Person }) {
  const openIm = useOpenIm()
  return (
    <li>
      <button type="button" className="entry" onClick={() => void openIm(person.id)}>
        <Avatar person={person} size={20} />
        <span className="entry-name">{person.real_name}</span>
      </button>
    </li>
  )
}

function move(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  event.preventDefault()
  const entries = [...event.currentTarget.querySelectorAll<HTMLElement>('.entry')]
  entries[entries.indexOf(document.activeElement as HTMLElement) + step]?.focus()
}
