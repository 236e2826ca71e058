const moments = new Set([
  'at',
  'since',
  'expires',
  'deadline',
  'createdAt',
  'plannedAt',
  'startedAt',
  'endedAt',
  'wakeAt',
  'declaredAt',
  'acknowledgedAt',
  'resolvedAt',
  'archivedAt',
  'nextUpdate',
  'draftedAt',
  'publishedAt',
  'doneAt',
  'greenSince',
  'until',
  'followed',
  'from',
  'to',
])

/** Our JSON with its moments as Dates again; null when the text is not JSON. */
export function revived(text: string): unknown {
  try {
    return JSON.parse(text, (key, value) => (moments.has(key) && isMoment(value) ? new Date(value) : value))
  } catch {
    return null
  }
}

const isMoment = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value)
