import type { Violation } from './violation.js'

export type Surface = 'message' | 'modal' | 'home'

/** Where the check stands, and where it writes what it finds. */
export type Place = { pointer: string; surface: Surface; found: Violation[] }

/** Looks at one value and reports what Slack would refuse. */
export type Check = (value: unknown, place: Place) => void

export type Fields = { [name: string]: unknown }

export function report(place: Place, code: string, message: string, constraint?: string): void {
  place.found.push({ code, message, pointer: place.pointer, ...(constraint === undefined ? {} : { constraint }) })
}

/** The place of one field or item; RFC 6901 escapes `~` and `/`. */
export function within(place: Place, key: string | number): Place {
  return { ...place, pointer: `${place.pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}` }
}

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A string of `min` to `max` characters. Counted in UTF-16 units, the strictest way Slack could count. */
export function string(max: number, min = 0): Check {
  return (value, place) => {
    if (typeof value !== 'string') return report(place, 'wrong_type', 'must provide a string')
    if (value.length < min) report(place, 'too_short', `must be more than ${min - 1} characters`, `min ${min}`)
    if (value.length > max) report(place, 'too_long', `must be less than ${max + 1} characters`, `max ${max}`)
  }
}

export const boolean: Check = (value, place) => {
  if (typeof value !== 'boolean') report(place, 'wrong_type', 'must provide a boolean')
}

export function number(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): Check {
  return (value, place) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      return report(place, 'wrong_type', 'must provide a number')
    }
    if (value < min) report(place, 'out_of_range', `must be at least ${min}`, `min ${min}`)
    if (value > max) report(place, 'out_of_range', `must be at most ${max}`, `max ${max}`)
  }
}

export function integer(min: number, max = Number.MAX_SAFE_INTEGER): Check {
  const inRange = number(min, max)
  return (value, place) => {
    if (typeof value === 'number' && !Number.isInteger(value)) {
      return report(place, 'wrong_type', 'must provide an integer')
    }
    inRange(value, place)
  }
}

export function oneOf(...allowed: (string | number)[]): Check {
  return (value, place) => {
    if (allowed.some((item) => item === value)) return
    report(place, 'not_in_list', 'must be a valid enum value', allowed.join(', '))
  }
}

/** A string in a form; `form` names it for people, for example `YYYY-MM-DD`. */
export function matching(pattern: RegExp, form: string): Check {
  return (value, place) => {
    if (typeof value !== 'string') return report(place, 'wrong_type', 'must provide a string')
    if (!pattern.test(value)) report(place, 'bad_format', `must be of the form ${form}`, form)
  }
}

export function url(max: number): Check {
  const length = string(max, 1)
  return (value, place) => {
    length(value, place)
    if (typeof value === 'string' && value !== '' && !URL.canParse(value)) {
      report(place, 'bad_format', 'must be a valid URL', 'url')
    }
  }
}

export function list(item: Check, max: number, min = 1): Check {
  return (value, place) => {
    if (!Array.isArray(value)) return report(place, 'wrong_type', 'must provide an array')
    if (value.length > max) report(place, 'too_many', `no more than ${max} items allowed`, `max ${max}`)
    if (value.length < min) report(place, 'too_few', `no fewer than ${min} items allowed`, `min ${min}`)
    value.forEach((each, index) => {
      item(each, within(place, index))
    })
  }
}

/**
 * An object with these fields and no others; a name that ends in `?` may be left out. `also` sees the object whole, for
 * rules between fields.
 */
export function shape(table: { [name: string]: Check }, also?: (object: Fields, place: Place) => void): Check {
  const known = new Map(Object.entries(table).map(([name, check]) => [name.replace(/\?$/, ''), check]))
  const required = Object.keys(table).filter((name) => !name.endsWith('?'))
  return (value, place) => {
    if (!isObject(value)) return report(place, 'wrong_type', 'must provide an object')
    for (const name of required) {
      if (value[name] === undefined) report(place, 'missing_field', `missing required field: ${name}`, name)
    }
    for (const [name, field] of Object.entries(value)) {
      if (field === undefined) continue
      const check = known.get(name)
      if (check) check(field, within(place, name))
      else report(place, 'unknown_field', `invalid additional property: ${name}`, name)
    }
    also?.(value, place)
  }
}

/** An object whose `type` chooses its check, out of those allowed here. */
export function byType(kinds: { [type: string]: Check }, allowed: readonly string[] = Object.keys(kinds)): Check {
  return (value, place) => {
    if (!isObject(value)) return report(place, 'wrong_type', 'must provide an object')
    if (value.type === undefined) return report(place, 'missing_field', 'missing required field: type', 'type')
    const check = typeof value.type === 'string' && allowed.includes(value.type) ? kinds[value.type] : undefined
    if (check) return check(value, place)
    report(within(place, 'type'), 'unknown_type', `unsupported type: ${String(value.type)}`, allowed.join(', '))
  }
}
