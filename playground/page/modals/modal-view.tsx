import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { SubmitReply, View } from '../../workspace/protocol.js'
import { BlocksView } from '../blocks/block-view.js'
import { useSession } from '../control/session.js'
import { stateValues } from '../elements/state-values.js'
import { useSurfaceOf } from '../elements/use-surface.js'
import { PlainView } from '../text/mrkdwn-view.js'
import { ModalFoot } from './modal-foot.js'

const trouble = 'We had some trouble connecting. Try again?'

/** One modal: its blocks, its errors, and the buttons below. */
export function ModalView({ view, shown, depth }: { view: View; shown: boolean; depth: number }) {
  const { control, run } = useSession()
  const [busy, setBusy] = useState(false)
  const [reply, setReply] = useState<{ hash: string; reply: SubmitReply | null }>()
  // An answer to an older drawing of the view says nothing about the new one.
  const answer = reply?.hash === view.hash ? reply.reply : undefined
  const errors = answer?.errors ?? view.errors
  const surface = useSurfaceOf({ view_id: view.id }, view.blocks, { typed: view.state.values, errors })
  const broken = reply && (reply.reply === null || answer?.result === 'trouble')

  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (errors) form.current?.querySelector('.block-input-wrong')?.scrollIntoView({ block: 'nearest' })
  }, [errors])

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setReply(undefined)
    const said = await control
      .submit({ view_id: view.id, values: stateValues(view.blocks, surface.typed) })
      .catch(() => null)
    setReply({ hash: view.hash, reply: said })
    setBusy(false)
  }
  const close = (all: boolean) => void run(control.close(view.id, all))
  return (
    <form ref={form} className="modal" hidden={!shown} onSubmit={submit} noValidate aria-busy={busy}>
      <header className="dialog-head">
        {depth > 0 && (
          <button type="button" className="icon-button" aria-label="Back" onClick={() => close(false)}>
            ‹
          </button>
        )}
        <h2>
          <PlainView text={view.title?.text ?? ''} />
        </h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={() => close(true)}>
          ×
        </button>
      </header>
      {broken && (
        <p className="modal-trouble" role="alert">
          {answer?.notice ?? trouble}
        </p>
      )}
      <div className="dialog-body">
        <BlocksView blocks={view.blocks} surface={surface} />
      </div>
      <ModalFoot view={view} busy={busy} cancel={() => close(false)} />
    </form>
  )
}
