import { boolean, byType, type Check, integer, list, number, oneOf, shape, string, url } from './check.js'
import { limits } from './limits.js'

const many = Number.MAX_SAFE_INTEGER
const style = {
  'style?': shape({
    'bold?': boolean,
    'italic?': boolean,
    'strike?': boolean,
    'underline?': boolean,
    'code?': boolean,
  }),
}
const leaf = (type: string, fields: { [name: string]: Check }): Check =>
  shape({ type: oneOf(type), ...fields, ...style })

const leaves: { [type: string]: Check } = {
  text: leaf('text', { text: string(many, 1) }),
  link: leaf('link', { url: url(limits.url), 'text?': string(many), 'unsafe?': boolean }),
  user: leaf('user', { user_id: string(limits.id, 1) }),
  usergroup: leaf('usergroup', { usergroup_id: string(limits.id, 1) }),
  channel: leaf('channel', { channel_id: string(limits.id, 1) }),
  team: leaf('team', { team_id: string(limits.id, 1) }),
  broadcast: leaf('broadcast', { range: oneOf('here', 'channel', 'everyone') }),
  emoji: leaf('emoji', { name: string(limits.id, 1), 'unicode?': string(limits.id), 'url?': url(limits.url) }),
  date: leaf('date', {
    timestamp: number(),
    format: string(many, 1),
    'url?': url(limits.url),
    'fallback?': string(many),
  }),
  color: leaf('color', { value: string(limits.id, 1) }),
}

const line = list(byType(leaves), many, 0)
const border = { 'border?': oneOf(0, 1) }
const section = shape({ type: oneOf('rich_text_section'), elements: line })

const parts: { [type: string]: Check } = {
  rich_text_section: section,
  rich_text_list: shape({
    type: oneOf('rich_text_list'),
    elements: list(byType({ rich_text_section: section }), many, 0),
    style: oneOf('bullet', 'ordered'),
    'indent?': integer(0, limits.richTextIndent),
    'offset?': integer(0),
    ...border,
  }),
  rich_text_quote: shape({ type: oneOf('rich_text_quote'), elements: line, ...border }),
  rich_text_preformatted: shape({
    type: oneOf('rich_text_preformatted'),
    elements: list(byType(leaves, ['text', 'link']), many, 0),
    'language?': string(limits.id),
    ...border,
  }),
}

/** The fields of a rich_text block, beside `type` and `block_id`. */
export const richTextFields = { elements: list(byType(parts), many, 1) }

/** A rich_text block that stands inside something else: a cell, a title, an input's initial value. */
export const richText: Check = byType({
  rich_text: shape({ type: oneOf('rich_text'), 'block_id?': string(limits.id, 1), ...richTextFields }),
})
