import { type RefObject, useState } from 'react'
import { type Place, useSession } from '../control/session.js'
import type { Draft } from './use-draft.js'

/** Sends the draft and empties the field; what the workspace did not take goes back, unless something else was typed. */
export function useSend(place: Place, { text, set }: Draft, field: RefObject<HTMLTextAreaElement | null>) {
  const { control, run } = useSession()
  const [open, setOpen] = useState(0)
  const send = async () => {
    const words = text.trim()
    if (!words) return
    set('')
    setOpen((count) => count + 1)
    const reply = await run(control.send({ channel: place.channel, text: words, thread_ts: place.thread }), place)
    setOpen((count) => count - 1)
    if (!reply && !field.current?.value) set(words)
  }
  return { send, sending: open > 0 }
}
