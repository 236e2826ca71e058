import { type RefObject, useLayoutEffect, useRef, useState } from 'react'

export type Draft = ReturnType<typeof useDraft>

const drafts = new Map<string, string>()

/** The text of a composer, kept while other channels are looked at; the field grows with it. */
export function useDraft(key: string, field: RefObject<HTMLTextAreaElement | null>) {
  const [text, setText] = useState(drafts.get(key) ?? '')
  const [caret, setCaret] = useState(text.length)
  const next = useRef<[number, number]>(undefined)

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const box = field.current
    if (!box) return
    box.style.height = 'auto'
    box.style.height = `${box.scrollHeight}px`
    if (next.current) {
      box.setSelectionRange(...next.current)
      next.current = undefined
    }
  }, [text, field])

  const set = (value: string, selection?: [number, number]) => {
    drafts.set(key, value)
    next.current = selection
    setText(value)
    setCaret(selection?.[1] ?? value.length)
  }
  const replace = (from: number, to: number, insert: string) => {
    const at = from + insert.length
    set(text.slice(0, from) + insert + text.slice(to), [at, at])
    field.current?.focus()
  }
  /** Puts a mark around the selection, or where the caret is. */
  const wrap = (mark: string) => {
    const { selectionStart: from = 0, selectionEnd: to = 0 } = field.current ?? {}
    set(`${text.slice(0, from)}${mark}${text.slice(from, to)}${mark}${text.slice(to)}`, [from + 1, to + 1])
    field.current?.focus()
  }
  return { text, caret, set, setCaret, replace, wrap }
}
