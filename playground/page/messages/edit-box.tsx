import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Message } from '../../workspace/protocol.js'
import { useSession } from '../control/session.js'
import { useEditing } from './editing.js'
import { typedForm } from './typed-form.js'

/** A person's own message while it is edited: Enter saves, Escape leaves it as it was. */
export function EditBox({ message }: { message: Message }) {
  const session = useSession()
  const { edit } = useEditing()
  const [text, setText] = useState(() => typedForm(message.text, session))
  const box = useRef<HTMLTextAreaElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when it opens
  useEffect(() => {
    box.current?.focus()
    box.current?.setSelectionRange(text.length, text.length)
  }, [])
  const save = async () => {
    if (text.trim())
      await session.run(session.control.edit({ channel: message.channel, ts: message.ts, text: text.trim() }))
    edit(undefined)
  }
  const key = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Escape') edit(undefined)
    else if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault()
      void save()
    }
  }
  return (
    <div className="edit-box">
      <textarea
        ref={box}
        className="field"
        aria-label="Edit message"
        rows={Math.min(8, text.split('\n').length)}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={key}
      />
      <p className="edit-buttons">
        <button type="button" className="btn btn-small" onClick={() => edit(undefined)}>
          Cancel
        </button>
        <button type="button" className="btn btn-small btn-primary" onClick={() => void save()}>
          Save
        </button>
      </p>
    </div>
  )
}
