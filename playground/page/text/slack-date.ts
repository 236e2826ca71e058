/** A moment written as Slack writes its date tokens (`{date_short_pretty} at {time}`). Unknown tokens stay as they are. */
export function formatSlackDate(format: string, unixSeconds: number, nowMs: number, zone: Zone = {}): string {
  const moment = { ms: unixSeconds * 1000, nowMs, zone }
  const written = format.replace(/\{(\w+)\}/g, (token, name: string) => tokens[name]?.(moment) ?? token)
  return /^\{\w*pretty\}/.test(format) ? written.charAt(0).toUpperCase() + written.slice(1) : written
}

/** `timeZone` is an IANA name, the reader's own when left out; `hour12` follows the reader's language when left out. */
export type Zone = { timeZone?: string; hour12?: boolean }

/** "Today", "Yesterday" or "Monday, November 23rd": the words on a day divider. */
export function dayName(ms: number, nowMs: number, zone: Zone = {}): string {
  return capital(relativeDay({ ms, nowMs, zone }) ?? longDate({ ms, nowMs, zone }))
}

/** The calendar day of a moment, for grouping. */
export function dayKey(ms: number, zone: Zone = {}): string {
  return numbers({ ms, nowMs: 0, zone }).join('-')
}

type Moment = { ms: number; nowMs: number; zone: Zone }

const tokens: { [name: string]: (moment: Moment) => string } = {
  date_num: (moment) => numbers(moment).join('-'),
  date_slash: (moment) => {
    const [year, month, day] = numbers(moment)
    return `${month}/${day}/${year}`
  },
  date: date,
  date_pretty: (moment) => relativeDay(moment) ?? date(moment),
  date_long: longDate,
  date_long_full: longDate,
  date_long_pretty: (moment) => relativeDay(moment) ?? longDate(moment),
  date_full: date,
  date_short: shortDate,
  date_short_pretty: (moment) => relativeDay(moment) ?? shortDate(moment),
  day_divider_pretty: (moment) => relativeDay(moment) ?? longDate(moment),
  time: (moment) => clock(moment, {}),
  time_secs: (moment) => clock(moment, { second: '2-digit' }),
  ago,
}

function date(moment: Moment): string {
  return `${part(moment, { month: 'long' })} ${ordinal(dayOf(moment))}${yearUnlessNear(moment)}`
}

function longDate(moment: Moment): string {
  return `${part(moment, { weekday: 'long' })}, ${date(moment)}`
}

function shortDate(moment: Moment): string {
  return `${part(moment, { month: 'short' })} ${dayOf(moment)}${yearUnlessNear(moment)}`
}

const halfYearMs = 183 * 86_400_000

function yearUnlessNear(moment: Moment): string {
  return Math.abs(moment.nowMs - moment.ms) < halfYearMs ? '' : `, ${part(moment, { year: 'numeric' })}`
}

function relativeDay(moment: Moment): string | undefined {
  const day = (ms: number) => Date.parse(`${numbers({ ...moment, ms }).join('-')}T00:00:00Z`)
  const days = Math.round((day(moment.ms) - day(moment.nowMs)) / 86_400_000)
  return ({ '-1': 'yesterday', '0': 'today', '1': 'tomorrow' } as { [days: string]: string })[String(days)]
}

function ago({ ms, nowMs }: Moment): string {
  const seconds = Math.round((ms - nowMs) / 1000)
  if (Math.abs(seconds) < 5) return 'just now'
  const [unit, size] = units.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const)
  return new Intl.RelativeTimeFormat('en', { numeric: 'always' }).format(Math.trunc(seconds / size), unit)
}

const units = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

function clock({ ms, zone }: Moment, more: Intl.DateTimeFormatOptions): string {
  const language = zone.hour12 === undefined && typeof navigator !== 'undefined' ? navigator.language : 'en-US'
  return new Intl.DateTimeFormat(language, { ...zone, hour: 'numeric', minute: '2-digit', ...more }).format(ms)
}

function part({ ms, zone }: Moment, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-US', { timeZone: zone.timeZone, ...options }).format(ms)
}

function dayOf(moment: Moment): number {
  return Number(part(moment, { day: 'numeric' }))
}

function numbers(moment: Moment): [string, string, string] {
  return [part(moment, { year: 'numeric' }), part(moment, { month: '2-digit' }), part(moment, { day: '2-digit' })]
}

function ordinal(day: number): string {
  const teen = day > 10 && day < 20
  return `${day}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][day % 10] ?? 'th')}`
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}
