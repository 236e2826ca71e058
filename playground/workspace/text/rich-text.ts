import { targetOf, unescaped } from './tokens.js'

type Style = { bold?: true; italic?: true; strike?: true; code?: true }
export type Leaf = { type: string; style?: Style; [field: string]: unknown }
export type RichTextPart = { type: string; elements: Leaf[] }

const marks: { [mark: string]: Style } = { '*': { bold: true }, _: { italic: true }, '~': { strike: true } }

/** Each alternative reads to the next mark of its own kind, so a long hostile line takes linear time. */
const span = new RegExp(
  [
    /<(?<token>[^<>\n]+)>/u,
    /`(?<code>[^`\n]+)`/u,
    /(?<![\p{L}\p{N}])\*(?=\S)(?<marked0>[^*\n]*[^\s*])\*(?![\p{L}\p{N}])/u,
    /(?<![\p{L}\p{N}])_(?=\S)(?<marked1>[^_\n]*[^\s_])_(?![\p{L}\p{N}])/u,
    /(?<![\p{L}\p{N}])~(?=\S)(?<marked2>[^~\n]*[^\s~])~(?![\p{L}\p{N}])/u,
    // A letter, or thumbs up and down: 14:32:05 holds no emoji.
    /(?<![\p{L}\p{N}]):(?<emoji>[+-]1|(?=[^:\s]*[a-z])[a-z0-9_+'-]+):/u,
    /(?<url>https?:\/\/[^\s<>|`]+)/u,
  ]
    .map((alternative) => alternative.source)
    .join('|'),
  'gu',
)

/** The leaves of one line or paragraph of Slack's mrkdwn. */
export function inline(text: string, style: Style = {}): Leaf[] {
  const leaves: Leaf[] = []
  let done = 0
  for (const match of text.matchAll(span)) {
    if (match.index > done) leaves.push(plainLeaf(text.slice(done, match.index), style))
    leaves.push(...leavesOf(match.groups ?? {}, style))
    done = match.index + match[0].length
  }
  if (done < text.length) leaves.push(plainLeaf(text.slice(done), style))
  return leaves
}

/** A fenced part; Slack knows text and links in it, nothing else. */
export function preformatted(text: string): RichTextPart {
  const elements = [plainLeaf(text.replace(/^\n|\n$/g, ''), {})].filter((leaf) => leaf.text !== '')
  return { type: 'rich_text_preformatted', elements }
}

function leavesOf(groups: { [name: string]: string | undefined }, style: Style): Leaf[] {
  const { token, code, emoji, url } = groups
  if (token !== undefined) return [tokenLeaf(token, style)]
  if (code !== undefined) return [plainLeaf(code, { ...style, code: true })]
  if (emoji !== undefined) return [{ type: 'emoji', name: emoji, ...styled(style) }]
  if (url !== undefined) return [addressLeaf(unescaped(url), style)]
  const found = Object.keys(marks).findIndex((_, index) => groups[`marked${index}`] !== undefined)
  const mark = Object.keys(marks)[found] ?? '*'
  return inline(groups[`marked${found}`] ?? '', { ...style, ...marks[mark] })
}

function addressLeaf(url: string, style: Style): Leaf {
  return URL.canParse(url) ? { type: 'link', url, ...styled(style) } : { type: 'text', text: url, ...styled(style) }
}

function tokenLeaf(token: string, style: Style): Leaf {
  const target = targetOf(token)
  const more = styled(style)
  switch (target.kind) {
    case 'user':
      return { type: 'user', user_id: target.id, ...more }
    case 'usergroup':
      return { type: 'usergroup', usergroup_id: target.id, ...more }
    case 'channel':
      return { type: 'channel', channel_id: target.id, ...more }
    case 'broadcast':
      return { type: 'broadcast', range: target.range, ...more }
    case 'date': {
      const { kind, ...date } = target
      return { type: kind, ...date, ...more }
    }
    case 'link':
      return { type: 'link', url: target.url, ...(target.label ? { text: target.label } : {}), ...more }
    default:
      return plainLeaf(target.text, style)
  }
}

function plainLeaf(text: string, style: Style): Leaf {
  return { type: 'text', text: unescaped(text), ...styled(style) }
}

const styled = (style: Style) => (Object.keys(style).length > 0 ? { style } : {})
