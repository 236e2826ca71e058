import type { JsonObject } from '../json.js'

/**
 * What data goes back to, as it is said: "latest", "14:02:11", "2026-11-26 14:02:11", a moment with its zone,
 * "before 482", "name before-exam", "backup 20261126-031200F", "lsn 0/3000028". The options of the terminal, "--at" and its like, say
 * the same. Times without a zone are read as the operator's file has it. Null when it is none of these.
 */
export function readPoint(words: string[]): JsonObject | null {
  const [first = '', ...rest] = words
    .map((word) => word.replace(/^--/, ''))
    .flatMap((word) => word.split(/(?<=^(?:at|before|name|backup|lsn))=/))
    .filter((word) => !/^(to|just|at|on)$/i.test(word))
  const [second = ''] = rest
  const one = rest.length === 1
  if (/^(latest|now|newest)$/i.test(first) && rest.length === 0) return { kind: 'latest' }
  if (/^before$/i.test(first) && one && /^#?\d{1,9}$/.test(second))
    return { kind: 'before', run: Number(second.replace('#', '')) }
  if (/^name$/i.test(first) && one && second !== '') return { kind: 'name', name: second }
  if (/^backup$/i.test(first) && one && second !== '') return { kind: 'backup', label: second }
  if (/^lsn$/i.test(first) && one && lsn.test(second)) return { kind: 'lsn', lsn: second.toUpperCase() }
  return moment([first, ...rest].join(' '))
}

const lsn = /^[0-9a-f]{1,8}\/[0-9a-f]{1,8}$/i
const zoned = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)$/
const local = /^(?:(\d{4}-\d\d-\d\d)[T ])?(\d{1,2}:\d\d(?::\d\d)?)$/

function moment(text: string): JsonObject | null {
  if (zoned.test(text)) {
    const at = new Date(text.replace(' ', 'T'))
    return Number.isNaN(at.getTime()) ? null : { kind: 'time', at: at.toISOString() }
  }
  const [, day, time] = local.exec(text) ?? []
  return time ? { kind: 'clock', day: day ?? null, time: time.padStart(time.length < 6 ? 5 : 8, '0') } : null
}
