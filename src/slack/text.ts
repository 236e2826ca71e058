/** Makes `&`, `<` and `>` harmless in Slack's mrkdwn, the only three characters Slack asks to escape. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

export { escaped as escape }

/**
 * Text from outside (a branch, a commit message, an alert) for one line of a card: it mentions nobody, is no link, draws
 * no emoji or code, and hides nothing. At most `max` code points are seen; with escapes the string can be longer.
 */
export function quote(text: string, max: number): string {
  return escaped(disarm(cut(visible(text), max)))
}

/** A link whose label is quoted and whose address cannot end early. Addresses other than http(s) are shown, not linked. */
export function link(url: string, label: string, max = 75): string {
  if (!/^https?:\/\/[^\s]+$/.test(url)) return quote(label, max)
  const address = escaped(url.replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('|', '%7C'))
  return `<${address}|${quote(label, max).replaceAll('|', '¦') || address}>`
}

const dateFormats = {
  time: '{time}',
  day: '{date_short_pretty}',
  moment: '{date_short_pretty} {time}',
  second: '{time_secs}',
  'moment to the second': '{date_short_pretty} {time_secs}',
  ago: '{ago}',
} as const

/** A moment in the reader's own time zone; where Slack cannot draw it, in UTC. */
export function dateToken(at: Date, format: keyof typeof dateFormats): string {
  const iso = at.toISOString()
  const time = format.includes('second') ? iso.slice(11, 19) : iso.slice(11, 16)
  const utc = { time, day: iso.slice(0, 10) }
  const alone = format === 'time' || format === 'second'
  const fallback = format === 'day' ? utc.day : alone ? `${utc.time} UTC` : `${utc.day} ${utc.time} UTC`
  return `<!date^${Math.floor(at.getTime() / 1000)}^${dateFormats[format]}|${fallback}>`
}

const units: [string, number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
]

/** The two largest units of a duration in ms: `1 min 42 s`, `3 h 5 min`, `0 s`. */
export function duration(ms: number): string {
  const seconds = Number.isFinite(ms) ? Math.max(0, Math.round(ms / 1000)) : 0
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first < 0) return '0 s'
  const [larger, smaller] = units.slice(first)
  if (larger === undefined) return '0 s'
  const whole = `${Math.floor(seconds / larger[1])} ${larger[0]}`
  const rest = smaller === undefined ? 0 : Math.floor((seconds % larger[1]) / smaller[1])
  return rest > 0 && smaller !== undefined ? `${whole} ${rest} ${smaller[0]}` : whole
}

/** A count with its noun: `1 approval`, `12,430 requests`; `many` names a plural that no rule makes. */
export function plural(count: number, noun: string, many = pluralOf(noun)): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? noun : many}`
}

/** `a, b and c`. */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? ''
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`
}

const sizes = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** A size in decimal units, two digits at least: `950 B`, `1.2 GB`. */
export function bytes(count: number): string {
  let value = Math.max(0, count)
  let size = 0
  // 999.5 and above would be drawn as 1000 of the smaller unit.
  while (value >= (size === 0 ? 1000 : 999.5) && size < sizes.length - 1) {
    value /= 1000
    size += 1
  }
  const digits = size > 0 && value < 9.95 ? 1 : 0
  return `${value.toFixed(digits)} ${sizes[size]}`
}

/** A share of 1 in percent: `38 %`, `4.8 %`. What is not quite none or all is never drawn as none or all. */
export function percent(share: number): string {
  const value = share * 100
  if (value > 0 && value < 0.05) return 'under 0.1 %'
  if (value < 100 && value >= 99.95) return 'over 99.9 %'
  const digits = Math.abs(value) < 9.95 || (value > 99 && value < 100) ? 1 : 0
  return `${value.toFixed(digits).replace(/\.0$/, '')} %`
}

// Format, control, private and lone surrogate characters, and letters that draw nothing.
const invisible = /[\p{Cf}\p{Cc}\p{Co}\p{Cs}\u115f\u1160\u2800\u3164\uffa0]/gu

function visible(text: string): string {
  return text
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(invisible, '')
    .replace(/ {2,}/g, ' ')
    .trim()
}

function cut(text: string, max: number): string {
  const points = [...text]
  return points.length <= max
    ? text
    : `${points
        .slice(0, Math.max(0, max - 1))
        .join('')
        .trimEnd()}…`
}

const nothing = '\u200b'

/** Slack also makes something of bare names, addresses, emoji codes and a leading `>`; a space of no width stops it. */
function disarm(text: string): string {
  return text
    .replaceAll('`', 'ˋ')
    .replace(/[@#](?=\S)/g, `$&${nothing}`)
    .replace(/:(?=\/\/)|www(?=\.)|(?:mailto|tel|slack|data|javascript):/gi, `$&${nothing}`)
    .replace(/:(?!\d+:)(?=[^:\s]+:)/g, `:${nothing}`)
    .replace(/^>/, `${nothing}>`)
}

function pluralOf(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`
  return /(?:s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`
}
