import type { ComponentPropsWithRef, ReactNode } from 'react'
import type { AnyElement } from './initial-state.js'

type Props = {
  element: AnyElement
  /** From the popup that it opens. */
  button: ComponentPropsWithRef<'button'>
  look: 'select-empty' | 'select-one' | 'select-multiple'
  /** What is chosen, in words. */
  told: string
  block: { busy: boolean; labelId?: string; describedBy?: string; invalid?: boolean }
  children: ReactNode
}

/** The closed form of a select. */
export function SelectButton({ element, button, look, told, block, children }: Props) {
  return (
    <button
      {...button}
      type="button"
      className={`select ${look}`}
      aria-busy={block.busy}
      aria-invalid={block.invalid}
      aria-labelledby={block.labelId}
      aria-describedby={block.describedBy}
      aria-label={block.labelId ? undefined : told}
      data-action={element.action_id}
      data-focus-on-load={element.focus_on_load === true}
    >
      <span className="select-text">{children}</span>
      {block.busy ? <span className="spinner" aria-hidden="true" /> : <Chevron />}
    </button>
  )
}

export function Chevron() {
  return (
    <svg className="chevron" viewBox="0 0 12 12" aria-hidden="true">
      <path d="M2.5 4.5 6 8l3.5-3.5" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
    </svg>
  )
}
