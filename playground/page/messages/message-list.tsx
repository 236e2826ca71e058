import { type KeyboardEvent, type ReactNode, type RefObject, useEffect, useLayoutEffect, useRef } from 'react'
import type { Message } from '../../workspace/protocol.js'
import { type Notice, useSession } from '../control/session.js'
import { dayName } from '../text/slack-date.js'
import { MessageRow } from './message-row.js'
import { NoticeRow } from './notice-row.js'
import { rowsOf, withNotices } from './rows.js'

type Props = {
  label: string
  messages: Message[]
  notices: Notice[]
  /** The thread that is shown, when this is one: replies offer no thread of their own. */
  inThread?: boolean
  lastRead?: string
  olderShown?: () => void
  /** Stands above the very first message. */
  beginning?: ReactNode
}

/** Messages in order, kept at the end while the reader is at the end. Up and down move from message to message. */
export function MessageList({ label, messages, notices, inThread = false, lastRead, olderShown, beginning }: Props) {
  const { me, clockOffsetMs, dismissed } = useSession()
  const list = useRef<HTMLDivElement>(null)
  useStayAtEnd(list, messages, notices)
  const shown = messages.filter(({ ts }) => !dismissed.has(ts))
  const rows = withNotices(rowsOf(shown, { me: me.id, lastRead }), notices)
  const now = Date.now() + clockOffsetMs
  return (
    <div ref={list} className="messages" role="log" aria-label={label} onKeyDown={moveBetweenMessages} tabIndex={-1}>
      <div className="messages-inner">
        {!olderShown && beginning}
        {olderShown && (
          <button type="button" className="link-button messages-older" onClick={olderShown}>
            Show older messages
          </button>
        )}
        {rows.map((row) => {
          if (row.kind === 'day') return <Divider key={row.key} text={dayName(row.ms, now)} />
          if (row.kind === 'notice') return <NoticeRow key={row.key} notice={row.notice} />
          if (row.kind === 'new') return <Divider key={row.key} text="New" kind="new" />
          return <MessageRow key={row.key} message={row.message} compact={row.compact} inThread={inThread} />
        })}
      </div>
    </div>
  )
}

function Divider({ text, kind = 'day' }: { text: string; kind?: 'day' | 'new' }) {
  return (
    <p className={`divider divider-${kind}`}>
      <span>{text}</span>
    </p>
  )
}

function useStayAtEnd(list: RefObject<HTMLDivElement | null>, messages: Message[], notices: Notice[]): void {
  const atEnd = useRef(true)
  useEffect(() => {
    const box = list.current
    if (!box) return
    const scrolled = () => {
      atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 60
    }
    const toEnd = () => {
      if (atEnd.current) box.scrollTop = box.scrollHeight
    }
    // Pictures and composers change heights after the messages are drawn.
    const sizes = new ResizeObserver(toEnd)
    sizes.observe(box)
    if (box.firstElementChild) sizes.observe(box.firstElementChild)
    box.addEventListener('scroll', scrolled, { passive: true })
    return () => {
      sizes.disconnect()
      box.removeEventListener('scroll', scrolled)
    }
  }, [list])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is new decides when to scroll
  useLayoutEffect(() => {
    if (list.current && atEnd.current) list.current.scrollTop = list.current.scrollHeight
  }, [list, messages, notices])
}

function moveBetweenMessages(event: KeyboardEvent<HTMLElement>): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const row = (event.target as HTMLElement).closest<HTMLElement>('.message')
  if (!step || event.target !== row) return
  event.preventDefault()
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.message')]
  rows[rows.indexOf(row) + step]?.focus()
}
