import { type FormName, incidentForms, type Known } from '../../commands/command.js'
import { commands } from '../../commands/commands.js'
import { type Catalogue, placementOf } from '../../releases/catalogue.js'
import { restoreWords } from '../backups/restoring/form.js'
import { routineMistake } from '../routines/form.js'
import type { FormValues } from './forms.js'
import { knownNames } from './parts.js'

/** What is wrong with one field of a form, in a sentence that says what to put there. */
export type Mistake = { field: string; text: string }

/** The first mistake that the operator's file alone shows; asks nobody, so that it can be told before the form closes. */
export function mistakeIn(catalogue: Catalogue, name: FormName, values: FormValues): Mistake | null {
  // Which locks there are, and who may have them, only the rows and Slack can tell.
  if (name === 'hand-over' || (incidentForms as readonly string[]).includes(name)) return null
  if (name === 'routine') return routineMistake(values)
  const known = knownNames(catalogue)
  if (name === 'restore') return restoreMistake(values, known)
  const { environment = '', service = '', instances = '' } = values
  if (!known.environments.includes(environment)) return wrong('environment', environment, known.environments)
  if (!known.placed(environment).includes(service)) return wrong('service', service, known.placed(environment))
  const field = name === 'scale' ? 'instances' : 'version'
  const words = [service, environment, values[field]?.trim() ?? ''].filter((word) => word !== '')
  const parsed = commands.find((command) => command.name === name)?.parse(words, known)
  if (parsed?.kind === 'problem') return { field, text: parsed.text }
  const most = placementOf(catalogue, service, environment)?.maxInstances ?? 0
  const fits = Number(instances) >= 1 && Number(instances) <= most
  return name === 'scale' && !fits ? { field, text: `Choose 1 to ${most}: so many may run in ${environment}.` } : null
}

function restoreMistake(values: FormValues, known: Known): Mistake | null {
  const parsed = commands.find(({ name }) => name === 'restore')?.parse(restoreWords(values), known)
  const some = (values.tables ?? '').trim() !== ''
  if (parsed?.kind === 'problem') {
    const field = some && /table/.test(parsed.text) ? 'tables' : values.moment ? 'moment' : 'point'
    return { field, text: parsed.text }
  }
  if (values.confirmed?.trim() === values.database) return null
  const what = some ? 'rows of it are about to change' : 'its data is about to be replaced'
  return { field: 'confirmed', text: `Type ${values.database} as it is: ${what}.` }
}

function wrong(field: 'environment' | 'service', came: string, names: string[]): Mistake {
  const there = `There are: ${names.join(', ') || 'none'}.`
  return {
    field,
    text: came === '' ? `Choose the ${field}. ${there}` : `There is no ${field} "${came}" here. ${there}`,
  }
}
