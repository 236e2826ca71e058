import { boolean, byType, type Check, type Fields, oneOf, type Place, report, shape, string } from './check.js'
import { limits } from './limits.js'
import { plain } from './objects.js'
import { hasInput } from './payload.js'

/** A modal or Home view; `blocks` checks its blocks on the surface of the place. */
export function view(blocks: Check): Check {
  const common = {
    blocks,
    'private_metadata?': string(limits.view.metadata),
    'callback_id?': string(limits.id),
    'external_id?': string(limits.id),
    'clear_on_close?': boolean,
    'notify_on_close?': boolean,
  }
  const modal = shape(
    {
      type: oneOf('modal'),
      title: plain(limits.view.title),
      'submit?': plain(limits.view.title),
      'close?': plain(limits.view.title),
      'submit_disabled?': boolean,
      ...common,
    },
    inputsNeedSubmit,
  )
  const home = shape({ type: oneOf('home'), ...common })
  const kinds = byType({ modal, home })
  return (value, place) => {
    kinds(value, place)
    const bytes = Buffer.byteLength(JSON.stringify(value) ?? '')
    if (bytes > limits.view.bytes) report(place, 'view_too_large', 'view must be less than 250 KB', '250 KB')
  }
}

function inputsNeedSubmit(modal: Fields, place: Place): void {
  if (modal.submit !== undefined || !Array.isArray(modal.blocks) || !hasInput(modal.blocks)) return
  report(place, 'missing_field', 'must define `submit` to use an `input` block in modals', 'submit')
}
