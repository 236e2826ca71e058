import { type KeyboardEvent, useEffect, useId, useRef } from 'react'
import type { ChannelSummary } from '../../workspace/protocol.js'
import { useSession } from '../control/session.js'
import { commandIn } from './completion.js'
import { CompletionList } from './completion-list.js'
import { ComposerBar } from './composer-bar.js'
import { useCompletion } from './use-completion.js'
import { useDraft } from './use-draft.js'
import { useSend } from './use-send.js'

type Props = { channel: ChannelSummary; thread?: string; placeholder: string; editLast: () => void }

/** Where a person types. Enter sends, Shift+Enter starts a line, up in an empty field edits the last message. */
export function Composer({ channel, thread, placeholder, editLast }: Props) {
  const { control } = useSession()
  const field = useRef<HTMLTextAreaElement>(null)
  const draft = useDraft(`${control.user}/${channel.id}/${thread ?? ''}`, field)
  const { text, caret, set, replace } = draft
  const { completion, active, pick, takes, restart } = useCompletion({
    text,
    caret,
    inThread: thread !== undefined,
    replace,
  })
  const { send, sending } = useSend({ channel: channel.id, thread }, draft, field)
  const id = useId()
  useEffect(() => {
    // A phone would cover half the page with its keyboard.
    if (window.matchMedia('(min-width: 720px)').matches) field.current?.focus({ preventScroll: true })
  }, [])
  const key = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || takes(event)) return
    if (event.key === 'Enter' && !event.shiftKey) void send()
    else if (event.key === 'ArrowUp' && text === '') editLast()
    else return
    event.preventDefault()
  }
  return (
    <div className="composer-place">
      {completion ? (
        <CompletionList id={id} completion={completion} active={active} pick={pick} />
      ) : (
        <Usage text={text} />
      )}
      <div className="composer">
        <textarea
          ref={field}
          rows={1}
          className="composer-text"
          role="combobox"
          aria-label={placeholder}
          aria-autocomplete="list"
          aria-expanded={completion !== undefined}
          aria-controls={completion ? id : undefined}
          aria-activedescendant={completion ? `${id}-${active}` : undefined}
          placeholder={placeholder}
          value={text}
          onChange={(event) => {
            set(event.target.value, [event.target.selectionStart, event.target.selectionEnd])
            restart()
          }}
          onSelect={(event) => draft.setCaret(event.currentTarget.selectionStart)}
          onKeyDown={key}
        />
        <ComposerBar channel={channel.id} draft={draft} sending={sending} send={send} />
      </div>
    </div>
  )
}

/** How the command that is being typed goes on. */
function Usage({ text }: { text: string }) {
  const { workspace } = useSession()
  const command = commandIn(text, workspace)
  if (!command) return null
  return (
    <p className="composer-usage">
      <b>{command.command}</b> <span className="completion-hint">{command.usage_hint}</span>
      <span className="composer-usage-words">{command.description}</span>
    </p>
  )
}
