import type { StepInput } from '../../runs/step.js'

/** What stands for `{{service}}`, `{{environment}}` and `{{incident}}` in a guide. */
export type GuidePlace = { service: string; environment: string; incident: string }
export const placeholderNames = ['service', 'environment', 'incident'] as const

/** The text with what it says filled in; what no placeholder is called stays as it is. */
export function filled(text: string, place: GuidePlace): string {
  return text.replace(/\{\{\s*(service|environment|incident)\s*\}\}/g, (_, name: keyof GuidePlace) => place[name])
}

/** Every word between double braces. */
export const placeholdersIn = (text: string): string[] =>
  [...text.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)].map(([, name = '']) => name)

export function filledInput(input: StepInput, place: GuidePlace): StepInput {
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, filledValue(value, place)]))
}

function filledValue(value: unknown, place: GuidePlace): unknown {
  if (typeof value === 'string') return filled(value, place)
  if (Array.isArray(value)) return value.map((item) => filledValue(item, place))
  return value !== null && typeof value === 'object' ? filledInput(value as StepInput, place) : value
}

/** The input of a check or an action: about the incident's place, unless it names another. */
export function inputAt(input: StepInput, place: GuidePlace): StepInput {
  return { service: place.service, environment: place.environment, ...filledInput(input, place) }
}
