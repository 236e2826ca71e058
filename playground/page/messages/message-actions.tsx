import type { Message } from '../../workspace/protocol.js'
import { go, routeHash } from '../control/route.js'
import { type Session, useSession } from '../control/session.js'
import { useConfirm } from '../overlays/confirm.js'
import { Menu, type MenuItem } from '../overlays/menu.js'
import { Popup } from '../overlays/popup.js'
import { emojiCharacter } from '../text/emoji.js'
import { useEditing } from './editing.js'
import { EmojiPopup } from './emoji-picker.js'
import { useReact } from './reactions.js'
import { typedForm } from './typed-form.js'

const quick = ['white_check_mark', 'eyes', 'raised_hands']

/** The bar that appears over a message: reactions, thread, and a menu with the app's message shortcuts. */
export function MessageActions({ message, inThread }: { message: Message; inThread: boolean }) {
  const { control } = useSession()
  const react = useReact(message)
  const items = useMenu(message)
  return (
    <div className="message-actions" role="toolbar" aria-label="Message actions">
      {quick.map((name) => (
        <button
          key={name}
          type="button"
          className="icon-button quick-reaction"
          title={`React with :${name}:`}
          aria-label={`React with ${name.replaceAll('_', ' ')}`}
          onClick={() => react(name, false)}
        >
          <span className="emoji" aria-hidden="true">
            {emojiCharacter(name)}
          </span>
        </button>
      ))}
      <EmojiPopup className="icon-button" label="Find another reaction" sign="☺" pick={(name) => react(name, false)} />
      {!inThread && (
        <button
          type="button"
          className="icon-button"
          aria-label="Reply in thread"
          title="Reply in thread"
          onClick={() =>
            go({ user: control.user, channel: message.channel, thread: message.thread_ts ?? message.ts, home: false })
          }
        >
          <ThreadSign />
        </button>
      )}
      <Popup
        label="More actions"
        role="menu"
        placement="bottom-end"
        button={(props) => (
          <button {...props} type="button" className="icon-button" aria-label="More actions" title="More actions">
            <span aria-hidden="true">⋮</span>
          </button>
        )}
      >
        {(close) => <Menu items={items} close={close} />}
      </Popup>
    </div>
  )
}

function useMenu(message: Message): MenuItem[] {
  const session = useSession()
  const confirm = useConfirm()
  const { edit } = useEditing()
  const { channel, ts } = message
  const { control, run, me, workspace, tell } = session
  const shortcuts: MenuItem[] = workspace.app.shortcuts
    .filter(({ type }) => type === 'message')
    .map(({ callback_id, name }) => ({
      id: callback_id,
      label: name,
      note: workspace.app.name,
      choose: () => void run(control.shortcut({ callback_id, channel, message_ts: ts }), { channel }),
    }))
  const remove = async () => {
    const sure = await confirm({
      title: { type: 'plain_text', text: 'Delete message' },
      text: { type: 'plain_text', text: 'Are you sure you want to delete this message? This cannot be undone.' },
      confirm: { type: 'plain_text', text: 'Delete' },
      style: 'danger',
    })
    if (sure) void run(control.remove({ channel, ts }))
  }
  const copy = (text: string) =>
    navigator.clipboard.writeText(text).catch(() => tell('The browser did not allow copying.'))
  return [
    ...shortcuts,
    ...(shortcuts.length > 0 ? [{ id: 'line-shortcuts', line: true as const }] : []),
    pinItem(message, session),
    { id: 'copy-link', label: 'Copy link', choose: () => void copy(linkTo(message, control.user)) },
    { id: 'copy-text', label: 'Copy text', choose: () => void copy(typedForm(message.text, session)) },
    ...(message.user === me.id
      ? [
          { id: 'line-own', line: true as const },
          { id: 'edit', label: 'Edit message', choose: () => edit(ts) },
          { id: 'delete', label: 'Delete message…', danger: true, choose: () => void remove() },
        ]
      : []),
  ]
}

function pinItem({ channel, ts, pinned }: Message, { control, run }: Session): MenuItem {
  return {
    id: 'pin',
    label: pinned ? 'Un-pin from this channel' : 'Pin to this channel',
    choose: () => void run(control.pin({ channel, ts, remove: pinned ?? false })),
  }
}

function linkTo({ channel, thread_ts, ts }: Message, user: string): string {
  return `${window.location.href.split('#')[0]}${routeHash({ user, channel, thread: thread_ts ?? ts, home: false })}`
}

function ThreadSign() {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        d="M2 3.5h12v7.5H7l-3 2.5v-2.5H2z"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinejoin="round"
      />
      <path d="M5 6.2h6M5 8.4h4" stroke="currentColor" strokeWidth="1.2" />
    </svg>
  )
}
