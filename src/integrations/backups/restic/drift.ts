/** What differs between two texts of configuration, without a single value of them: they may hold secrets. */
export function driftOf(before: string, now: string): string[] {
  if (before === now) return []
  const [was, is] = [jsonOf(before), jsonOf(now)]
  if (was !== undefined && is !== undefined) return pathsOf(was, is, '')
  return linesOf(before.split('\n'), now.split('\n'))
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is { [name: string]: unknown } => typeof value === 'object' && value !== null

/** "apps.http.servers changed", "routes.3 is new": the names of what differs, as deep as both have it. */
function pathsOf(was: unknown, is: unknown, path: string): string[] {
  if (JSON.stringify(was) === JSON.stringify(is)) return []
  if (!isObject(was) || !isObject(is) || Array.isArray(was) !== Array.isArray(is))
    return [`${path || 'all of it'} changed`]
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])]
  return names.flatMap((name) => {
    const at = path === '' ? name : `${path}.${name}`
    if (!(name in was)) return [`${at} is new`]
    if (!(name in is)) return [`${at} is gone`]
    return pathsOf(was[name], is[name], at)
  })
}

/** "lines 12 to 14 changed, 3 came and 1 went": between what is equal at the beginning and at the end. */
function linesOf(was: string[], is: string[]): string[] {
  let [start, end] = [0, 0]
  while (start < Math.min(was.length, is.length) && was[start] === is[start]) start += 1
  while (end < Math.min(was.length, is.length) - start && was.at(-1 - end) === is.at(-1 - end)) end += 1
  const [gone, come] = [was.length - start - end, is.length - start - end]
  const [first, last] = [start + 1, start + Math.max(come, 1)]
  const where = first === last ? `line ${first}` : `lines ${first} to ${last}`
  return [`${where}: ${come} came, ${gone} went`]
}

/** Equal for equal content: names in order, one on each line. */
export const ordered = (value: unknown): string => `${JSON.stringify(sorted(value), null, 2)}\n`

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const names = Object.keys(value).sort()
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]))
}
