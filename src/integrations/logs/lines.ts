/** A line that says that something went wrong; `at` is null when no line before it says a time either. */
export type ErrorLine = { at: Date | null; text: string; kind: ErrorKind; print: string }

export const errorKinds = ['database', 'dependency', 'deploy', 'machine', 'user', 'unknown'] as const
export type ErrorKind = (typeof errorKinds)[number]

const isError = /\b(error|exception|fatal|panic|critical|unhandled)\b|"level":\s*(50|60|"(error|fatal)")/i
const isoTime = /\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?/
const jsonTime = /"(?:time|ts|timestamp|@timestamp)":\s*(\d{10,13}(?:\.\d+)?)/

/** The lines of a log that tell of errors, in their order. */
export function errorLines(log: string): ErrorLine[] {
  let at: Date | null = null
  return log.split('\n').flatMap((line): ErrorLine[] => {
    at = timeIn(line) ?? at
    // The lines of a stack belong to the error above them.
    if (!isError.test(line) || /^\s+at\s/.test(line)) return []
    const text = wordsOf(line)
    return [{ at, text, kind: kindOf(text), print: printOf(text) }]
  })
}

function timeIn(line: string): Date | null {
  const iso = isoTime.exec(line)?.[0]
  const text = iso?.replace(' ', 'T').replace(',', '.')
  // Without a zone, logs of servers mean UTC.
  const moment = text ? Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`) : Number.NaN
  if (Number.isFinite(moment)) return new Date(moment)
  const stamp = Number(jsonTime.exec(line)?.[1] ?? Number.NaN)
  if (!Number.isFinite(stamp)) return null
  return new Date(stamp < 1e11 ? stamp * 1000 : stamp)
}

/** The words of a JSON line, or the line. */
function wordsOf(line: string): string {
  try {
    const parsed = JSON.parse(line) as { [key: string]: unknown }
    const nested = (parsed.err as { message?: unknown } | undefined)?.message
    const words = [parsed.error, nested, parsed.message, parsed.msg].find((value) => typeof value === 'string')
    if (typeof words === 'string') return words
  } catch {
    // Not JSON: the line itself.
  }
  return line.replace(isoTime, '').trim()
}

const kinds: [ErrorKind, RegExp][] = [
  [
    'database',
    /postgres|deadlock|\bsql\b|relation ".*" does not exist|too many clients|statement timeout|\bdatabase\b/i,
  ],
  [
    'dependency',
    /ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|socket hang up|upstream|\b50[234]\b|stripe|supabase/i,
  ],
  ['machine', /ENOSPC|no space left|out of memory|heap|ENOMEM|EMFILE|too many open files|killed/i],
  [
    'deploy',
    /cannot find module|is not a function|undefined|is not defined|syntaxerror|typeerror|referenceerror|stale|migration/i,
  ],
  ['user', /\b4(00|01|03|04|09|22|29)\b|validation|invalid (input|token|request)|unauthori[sz]ed|not found/i],
]

/** Where an error probably comes from, by its words. */
export const kindOf = (text: string): ErrorKind => kinds.find(([, words]) => words.test(text))?.[0] ?? 'unknown'

/** The same for the same error, whoever met it: numbers, names in quotes and ids are left out. */
export const printOf = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{12,}\b/gi, '#')
    .replace(/"[^"]*"|'[^']*'/g, '"…"')
    .replace(/\d+/g, '#')
    .replace(/\s+/g, ' ')
    .slice(0, 160)

export type ErrorGroup = {
  print: string
  text: string
  kind: ErrorKind
  count: number
  first: Date | null
  last: Date | null
}

/** Errors that are alike, the most frequent first. */
export function grouped(lines: ErrorLine[]): ErrorGroup[] {
  const groups = new Map<string, ErrorGroup>()
  for (const { at, text, kind, print } of lines) {
    const group = groups.get(print) ?? { print, text, kind, count: 0, first: at, last: at }
    groups.set(print, { ...group, count: group.count + 1, first: group.first ?? at, last: at ?? group.last })
  }
  return [...groups.values()].sort((a, b) => b.count - a.count)
}
