import { createHash } from 'node:crypto'

/** What a row, a plan or a queue can hold. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

/** JSON with keys in one order and without `undefined`, so that equal values have equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(sortedKeys(value))
}

/** SHA-256 of the canonical text, hex. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex')
}

/** The value with the keys of its objects in the canonical order, and without `undefined`. */
export function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : sortedKeys(item)))
  if (value === null || typeof value !== 'object') return value
  const from = value as { [key: string]: unknown }
  const entries: [string, unknown][] = []
  for (const key of Object.keys(from).sort()) {
    if (from[key] !== undefined) entries.push([key, sortedKeys(from[key])])
  }
  return Object.fromEntries(entries)
}
