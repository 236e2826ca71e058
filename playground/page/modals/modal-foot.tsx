import type { View } from '../../workspace/protocol.js'
import { PlainView } from '../text/mrkdwn-view.js'

/** Cancel and submit; the submit button turns while the app thinks. */
export function ModalFoot({ view, busy, cancel }: { view: View; busy: boolean; cancel: () => void }) {
  return (
    <footer className="dialog-foot">
      <button type="button" className="btn" onClick={cancel}>
        {view.close?.text ?? 'Cancel'}
      </button>
      {view.submit && (
        <button type="submit" className="btn btn-primary" aria-busy={busy} disabled={busy}>
          {busy && <span className="spinner" aria-hidden="true" />}
          <span className="btn-text">
            <PlainView text={view.submit.text} />
          </span>
        </button>
      )}
    </footer>
  )
}
