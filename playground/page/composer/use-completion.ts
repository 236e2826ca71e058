import { type KeyboardEvent, useState } from 'react'
import { useSession } from '../control/session.js'
import { completionAt, type Suggestion } from './completion.js'

type Field = {
  text: string
  caret: number
  inThread: boolean
  replace: (from: number, to: number, insert: string) => void
}

/** Completion for one text field: what to show, and what its keys do while the list is open. */
export function useCompletion({ text, caret, inThread, replace }: Field) {
  const { workspace, channels } = useSession()
  const [active, setActive] = useState(0)
  const [closedFor, setClosedFor] = useState<string>()
  const found = completionAt(text, caret, { workspace, channels, inThread })
  const completion = closedFor === text ? undefined : found
  const count = completion?.suggestions.length ?? 0
  const current = Math.min(active, count - 1)

  const pick = (suggestion: Suggestion) => {
    if (completion) replace(completion.from, completion.to, suggestion.insert)
    setActive(0)
  }
  /** Answers whether the key was the list's. */
  const takes = (event: KeyboardEvent): boolean => {
    const chosen = completion?.suggestions[current]
    if (!completion || !chosen) return false
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) setActive((current + step + count) % count)
    else if (event.key === 'Escape') setClosedFor(text)
    else if (event.key === 'Tab' && !event.shiftKey) pick(chosen)
    else if (event.key === 'Enter' && !event.shiftKey && text.trim() !== chosen.title) pick(chosen)
    else return false
    event.preventDefault()
    return true
  }
  return { completion, active: current, pick, takes, restart: () => setActive(0) }
}
