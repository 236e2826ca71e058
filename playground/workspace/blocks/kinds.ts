import {
  boolean,
  byType,
  type Check,
  type Fields,
  integer,
  list,
  oneOf,
  type Place,
  report,
  type Surface,
  shape,
  string,
} from './check.js'
import { element } from './elements.js'
import { limits } from './limits.js'
import { newerKinds } from './newer-kinds.js'
import { oneSource, picture, pictureFields, plain, text } from './objects.js'
import { richTextFields } from './rich-text.js'

/** One kind of block: the surfaces it may stand on, its fields beside `type` and `block_id`, and rules between them. */
export type Kind = {
  on: readonly Surface[]
  fields: { [name: string]: Check }
  also?: (block: Fields, place: Place) => void
}

const everywhere = ['message', 'modal', 'home'] as const

const classicKinds: { [type: string]: Kind } = {
  actions: { on: everywhere, fields: { elements: list(element('actions'), limits.actions) } },
  context: {
    on: everywhere,
    fields: {
      elements: list(
        byType({ image: picture, plain_text: text(limits.textObject), mrkdwn: text(limits.textObject) }),
        limits.context,
      ),
    },
  },
  divider: { on: everywhere, fields: {} },
  header: {
    on: everywhere,
    fields: { text: plain(limits.headerText), 'level?': integer(1, limits.headerLevel) },
  },
  image: { on: everywhere, fields: { ...pictureFields, 'title?': plain(limits.image.title) }, also: oneSource },
  input: {
    on: everywhere,
    fields: {
      label: plain(limits.input.label),
      element: element('input'),
      'hint?': plain(limits.input.hint),
      'optional?': boolean,
      'dispatch_action?': boolean,
    },
  },
  markdown: { on: ['message'], fields: { text: string(Number.MAX_SAFE_INTEGER, 1) } },
  rich_text: { on: everywhere, fields: richTextFields },
  section: {
    on: everywhere,
    fields: {
      'text?': text(limits.section.text),
      'fields?': list(text(limits.section.field), limits.section.fields),
      'accessory?': element('section'),
      'expand?': boolean,
    },
    also: (section, place) => {
      if (section.text === undefined && section.fields === undefined) {
        report(place, 'missing_field', 'missing required field: text or fields', 'text or fields')
      }
    },
  },
}

const kinds: { [type: string]: Kind } = { ...classicKinds, ...newerKinds(block) }

const checks: { [type: string]: Check } = Object.fromEntries(
  Object.entries(kinds).map(([type, kind]) => [type, onItsSurface(type, kind)]),
)

/** A block of any kind, or of the kinds named, on a surface that takes it. */
export function block(allowed?: readonly string[]): Check {
  return (value, place) => byType(checks, allowed)(value, place)
}

function onItsSurface(type: string, kind: Kind): Check {
  const fields = shape({ type: oneOf(type), 'block_id?': string(limits.id, 1), ...kind.fields }, kind.also)
  return (value, place) => {
    fields(value, place)
    if (kind.on.includes(place.surface)) return
    const surface = place.surface === 'home' ? 'App Home' : `a ${place.surface}`
    report(place, 'not_allowed_here', `${type} is not allowed in ${surface}`, kind.on.join(', ') || 'nowhere')
  }
}
