/** A piece of a text in Slack's mrkdwn. */
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'bold' | 'italic' | 'strike' | 'quote'; pieces: Piece[] }
  | { kind: 'code' | 'pre'; text: string }
  | { kind: 'link'; url: string; label: string }
  | { kind: 'user' | 'channel' | 'group'; id: string; label?: string }
  | { kind: 'broadcast'; range: string }
  | { kind: 'date'; unix: number; format: string; url?: string; fallback: string }
  | { kind: 'emoji'; name: string }
  | { kind: 'break' }

/** Reads mrkdwn as Slack's clients do: fences first, then quotes by line, then marks within a line. */
export function parseMrkdwn(text: string): Piece[] {
  return text.split(/```([\s\S]+?)```/).flatMap((part, index) => {
    if (index % 2 === 1) return [{ kind: 'pre' as const, text: plain(part.replace(/^\n|\n$/g, '')) }]
    return parseLines(part.replace(/^\n/, index === 0 ? '\n' : ''))
  })
}

/** Reads what Slack reads in plain text: emoji and line breaks alone. */
export function parsePlain(text: string): Piece[] {
  return marksIn(text, lines)
}

/** The characters that a mrkdwn text stands for, without marks: for lock screens, labels and the quick switcher. */
export function plain(text: string): string {
  return text
    .replace(/<([^<>|]*)\|([^<>]*)>/g, '$2')
    .replace(/<((?:https?|mailto):[^<>|]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

function parseLines(text: string): Piece[] {
  const pieces: Piece[] = []
  let quoted: string[] = []
  const endQuote = () => {
    if (quoted.length > 0) pieces.push({ kind: 'quote', pieces: parseInline(quoted.join('\n')) })
    quoted = []
  }
  let open = false
  for (const line of text.split('\n')) {
    const quote = /^(?:&gt;|>) ?(.*)$/.exec(line)
    if (quote) {
      quoted.push(quote[1] ?? '')
      open = false
      continue
    }
    endQuote()
    if (open) pieces.push({ kind: 'break' })
    pieces.push(...parseInline(line))
    open = true
  }
  endQuote()
  return pieces
}

// A letter, or thumbs up and down: 14:32:05 holds no emoji.
const emojiMark = "(?<![\\p{L}\\p{N}])(?<emoji>:(?:[+-]1|(?=[^:\\s]*[a-z])[a-z0-9_+'-]+)(?:::skin-tone-[2-6])?:)"

const lines = new RegExp(`${emojiMark}|(?<br>\\n)`, 'giu')

const inline = new RegExp(
  [
    '`(?<code>[^`\\n]+)`',
    '<(?<angle>[^<>\\n]+)>',
    '(?<![\\p{L}\\p{N}])\\*(?<bold>(?! )[^*\\n]+?(?<! ))\\*(?![\\p{L}\\p{N}])',
    '(?<![\\p{L}\\p{N}])_(?<italic>(?! )[^_\\n]+?(?<! ))_(?![\\p{L}\\p{N}])',
    '(?<![\\p{L}\\p{N}])~(?<strike>(?! )[^~\\n]+?(?<! ))~(?![\\p{L}\\p{N}])',
    emojiMark,
    '(?<url>https?://[^\\s<>|]+[^\\s<>|.,;:!?)\\]])',
    '(?<br>\\n)',
  ].join('|'),
  'giu',
)

function parseInline(text: string): Piece[] {
  return marksIn(text, inline)
}

function marksIn(text: string, marks: RegExp): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const match of text.matchAll(marks)) {
    if (match.index > at) pieces.push({ kind: 'text', text: plain(text.slice(at, match.index)) })
    pieces.push(pieceOf(match.groups ?? {}))
    at = match.index + match[0].length
  }
  if (at < text.length) pieces.push({ kind: 'text', text: plain(text.slice(at)) })
  return pieces
}

function pieceOf(found: { [name: string]: string | undefined }): Piece {
  if (found.code) return { kind: 'code', text: plain(found.code) }
  if (found.angle) return angled(found.angle)
  if (found.bold) return { kind: 'bold', pieces: parseInline(found.bold) }
  if (found.italic) return { kind: 'italic', pieces: parseInline(found.italic) }
  if (found.strike) return { kind: 'strike', pieces: parseInline(found.strike) }
  if (found.emoji) return { kind: 'emoji', name: found.emoji.slice(1, -1) }
  if (found.url) return { kind: 'link', url: plain(found.url), label: plain(found.url) }
  return { kind: 'break' }
}

function angled(inside: string): Piece {
  const [target = '', label] = inside.split('|', 2)
  const shown = label === undefined ? undefined : plain(label)
  if (/^@[UWB]/.test(target)) return { kind: 'user', id: target.slice(1), label: shown }
  if (/^#[CGD]/.test(target)) return { kind: 'channel', id: target.slice(1), label: shown }
  if (target.startsWith('!subteam^')) return { kind: 'group', id: target.slice(9), label: shown }
  if (target.startsWith('!date^')) return dated(target, shown)
  if (/^!(here|channel|everyone)$/.test(target)) return { kind: 'broadcast', range: target.slice(1) }
  if (/^(https?|mailto|tel|slack):/.test(target))
    return { kind: 'link', url: plain(target), label: shown ?? plain(target) }
  return { kind: 'text', text: shown ?? plain(`<${target}>`) }
}

function dated(target: string, fallback = ''): Piece {
  const [, unix = '', format = '', url] = target.split('^')
  const seconds = Number(unix)
  if (!Number.isFinite(seconds)) return { kind: 'text', text: fallback }
  return { kind: 'date', unix: seconds, format, url: url || undefined, fallback }
}
