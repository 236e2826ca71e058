import { type ReactNode, useEffect, useRef } from 'react'

/** A dialog of the page's own; Escape and a click beside it close it. */
export function Dialog({
  label,
  close,
  className = '',
  children,
}: {
  label: string
  close: () => void
  className?: string
  children: ReactNode
}) {
  const place = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    place.current?.showModal()
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard's way to close is Escape
    <dialog
      ref={place}
      className={`dialog ${className}`}
      aria-label={label}
      onClick={(event) => {
        if (event.target === event.currentTarget) close()
      }}
      onCancel={(event) => {
        event.preventDefault()
        close()
      }}
    >
      {children}
    </dialog>
  )
}
