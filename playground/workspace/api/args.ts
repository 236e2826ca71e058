import { refuse, refuseWith } from '../refusal.js'

/** A call's arguments as they came: strings from a form, anything from JSON. */
export type RawArgs = { [name: string]: unknown }

/** Reads a call's arguments by name and kind. */
export type Args = {
  raw: RawArgs
  has(name: string): boolean
  /** Empty when it did not come. */
  text(name: string): string
  number(name: string, otherwise: number): number
  flag(name: string, otherwise?: boolean): boolean
  /** Names after one another, from `a,b` or a JSON list. */
  list(name: string): string[]
  /** An object or list, also as JSON text inside a form; `error` is Slack's word when the text is no JSON. */
  json(name: string, error?: string): unknown
}

export function readArgs(raw: RawArgs): Args {
  const has = (name: string) => raw[name] !== undefined && raw[name] !== null && raw[name] !== ''
  return {
    raw,
    has,
    text: (name) => textOf(name, raw[name]),
    number: (name, otherwise) => (has(name) ? numberOf(name, raw[name]) : otherwise),
    flag: (name, otherwise = false) => (has(name) ? flagOf(raw[name]) : otherwise),
    list: (name) => listOf(name, raw[name]),
    json: (name, error = 'invalid_arguments') => (has(name) ? jsonOf(raw[name], error) : undefined),
  }
}

function textOf(name: string, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'object') refuseWith('invalid_arguments', [`[ERROR] must be a string [json-pointer:/${name}]`])
  return String(value)
}

function numberOf(name: string, value: unknown): number {
  const number = Number(value)
  if (Number.isNaN(number)) refuseWith('invalid_arguments', [`[ERROR] must be a number [json-pointer:/${name}]`])
  return number
}

function flagOf(value: unknown): boolean {
  return value === true || value === 'true' || value === '1' || value === 1
}

function listOf(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String)
  const text = textOf(name, value).trim()
  if (text.startsWith('[')) return listOf(name, jsonOf(text, 'invalid_array_arg'))
  return text.split(',').flatMap((item) => item.trim() || [])
}

function jsonOf(value: unknown, error: string): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return refuse(error)
  }
}
