import { useEffect } from 'react'
import type { Toast } from './use-session-of.js'

const shownForMs = 8_000

export function Toasts({ toasts, drop }: { toasts: Toast[]; drop: (id: number) => void }) {
  return (
    <div className="toasts" aria-live="assertive">
      {toasts.map((toast) => (
        <OneToast key={toast.id} toast={toast} drop={drop} />
      ))}
    </div>
  )
}

function OneToast({ toast, drop }: { toast: Toast; drop: (id: number) => void }) {
  useEffect(() => {
    const timer = setTimeout(() => drop(toast.id), shownForMs)
    return () => clearTimeout(timer)
  }, [toast.id, drop])
  return (
    <p className="toast" role="alert">
      {toast.text}
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => drop(toast.id)}>
        ×
      </button>
    </p>
  )
}
