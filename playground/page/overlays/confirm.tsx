import type { ConfirmationDialog } from '@slack/types'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react'
import { TextView } from '../text/mrkdwn-view.js'

type Ask = (dialog: ConfirmationDialog) => Promise<boolean>

const ConfirmContext = createContext<Ask>(async () => true)

/** Asks the person before a dangerous click goes out. */
export const useConfirm = (): Ask => useContext(ConfirmContext)

export function ConfirmProvider({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<{ dialog: ConfirmationDialog; answer: (yes: boolean) => void } | null>(null)
  const ask = useCallback<Ask>((dialog) => new Promise((answer) => setOpen({ dialog, answer })), [])
  const close = (yes: boolean) => {
    open?.answer(yes)
    setOpen(null)
  }
  return (
    <ConfirmContext value={ask}>
      {children}
      {open && <Dialog dialog={open.dialog} close={close} />}
    </ConfirmContext>
  )
}

function Dialog({ dialog, close }: { dialog: ConfirmationDialog; close: (yes: boolean) => void }) {
  const place = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    place.current?.showModal()
  }, [])
  return (
    <dialog
      ref={place}
      className="dialog dialog-small"
      aria-labelledby="confirm-title"
      aria-describedby="confirm-text"
      onCancel={(event) => {
        event.preventDefault()
        close(false)
      }}
    >
      <header className="dialog-head">
        <h2 id="confirm-title">{dialog.title?.text ?? 'Are you sure?'}</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={() => close(false)}>
          ×
        </button>
      </header>
      <div className="dialog-body" id="confirm-text">
        <TextView text={dialog.text} />
      </div>
      <footer className="dialog-foot">
        <button type="button" className="btn" onClick={() => close(false)}>
          {dialog.deny?.text ?? 'Cancel'}
        </button>
        <button
          type="button"
          className={dialog.style === 'danger' ? 'btn btn-danger-full' : 'btn btn-primary'}
          onClick={() => close(true)}
        >
          {dialog.confirm?.text ?? 'Yes'}
        </button>
      </footer>
    </dialog>
  )
}
