import { useEffect, useRef } from 'react'
import { useModals } from '../control/queries.js'
import { useSession } from '../control/session.js'
import { ModalView } from './modal-view.js'

/** What takes the focus when a modal opens, the best first. */
const focusable = [
  '[data-focus-on-load=true]',
  '.block-input :is(input, textarea, .select)',
  'input, textarea, .select, .btn',
]

/** The person's open modals; only the top one shows, those below keep what was typed. */
export function ModalStack() {
  const { control, run } = useSession()
  const views = useModals(control).data ?? []
  const place = useRef<HTMLDialogElement>(null)
  const open = views.length > 0
  const top = views.at(-1)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each view that comes on top takes the focus once
  useEffect(() => {
    const dialog = place.current
    if (!dialog) return
    if (!dialog.open) dialog.showModal()
    const body = dialog.querySelector('form:not([hidden]) .dialog-body')
    const wanted = focusable.map((kind) => body?.querySelector<HTMLElement>(kind)).find(Boolean)
    wanted?.focus()
  }, [top?.id])
  if (!open || !top) return null
  return (
    <dialog
      ref={place}
      className="dialog dialog-modal"
      aria-label={top.title?.text}
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return
        event.preventDefault()
        void run(control.close(top.id, false))
      }}
    >
      {views.map((view, depth) => (
        <ModalView key={view.id} view={view} shown={view === top} depth={depth} />
      ))}
    </dialog>
  )
}
