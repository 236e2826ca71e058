const units: [name: string, ms: number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]

/** Milliseconds of "20s", "5m", "1h30m", "250ms"; null when the text is no duration. */
export function parseDuration(text: string): number | null {
  const match = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/.exec(text.trim().toLowerCase())
  if (!match || text.trim() === '') return null
  const total = units.reduce((sum, [, ms], at) => sum + Number(match[at + 1] ?? 0) * ms, 0)
  return Number.isSafeInteger(total) ? total : null
}

/** For people: "1 min 42 s", "3 h", "2 days"; the two largest units that are not zero. */
export function shownDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`
  const seconds = Math.round(ms / 1000)
  const days = Math.floor(seconds / 86_400)
  const parts = [
    days > 0 ? `${days} ${days === 1 ? 'day' : 'days'}` : '',
    part(Math.floor((seconds % 86_400) / 3600), 'h'),
    part(Math.floor((seconds % 3600) / 60), 'min'),
    part(seconds % 60, 's'),
  ]
  return parts
    .filter((text) => text !== '')
    .slice(0, 2)
    .join(' ')
}

const part = (count: number, unit: string) => (count > 0 ? `${count} ${unit}` : '')
