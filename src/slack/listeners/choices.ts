import type { BlockAction } from '@slack/bolt'
import { formNameOf, formValues, formView, type ViewState } from '../views/form-view.js'
import { decodeOrigin } from '../views/origin.js'
import { askerOf } from './asker.js'
import type { FaceParts } from './parts.js'

/** A choice in a form changed what its other fields offer: the form is made again with what it holds. */
export async function refreshForm(parts: FaceParts, body: BlockAction): Promise<void> {
  const view = body.view
  const name = view ? formNameOf(view.callback_id) : null
  if (!view || !name) return
  try {
    const origin = decodeOrigin(view.private_metadata)
    const envelope = {
      user: body.user.id,
      userName: body.user.name ?? '',
      team: body.user.team_id ?? body.team?.id ?? '',
      via: 'form' as const,
      delivery: view.id,
      ...origin,
    }
    const held = { ...origin.known, ...formValues(view.state.values as ViewState) }
    const form = await parts.desk.form(name, held, await askerOf(parts, envelope))
    // The hash keeps a slow answer from overwriting what a later choice brought.
    const updated = await parts.web.call('views.update', {
      view_id: view.id,
      hash: view.hash,
      view: formView(form, origin),
    })
    if (!updated.ok) parts.log.info({ answer: updated }, 'a form was not refreshed')
  } catch (thrown) {
    parts.log.error({ err: thrown }, 'a form could not be refreshed; it stays as it is')
  }
}
