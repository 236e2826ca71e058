import type { RunView } from '../../runs/run.js'
import { plural } from '../text.js'
import { subjectOf } from './subject.js'

/** What rolling this deploy back means, for the confirmation: the version, and the migrations that stay. */
export function rollBackText({ run }: RunView): string {
  const from = subjectOf(run).from ?? 'the release before'
  const migrations = run.plan?.headline.migrations ?? []
  if (migrations.length === 0) return `Rolls back to ${from}.`
  const stay = `${plural(migrations.length, 'migration')} ${migrations.length === 1 ? 'stays' : 'stay'} applied`
  const unsafe = migrations.filter(({ safe }) => !safe).length
  const runs = `${from} can run on ${migrations.length === 1 ? 'it' : 'them'}`
  return unsafe === 0
    ? `Rolls back to ${from}. ${stay}; ${runs}.`
    : `Rolls back to ${from}. ${stay}, and ${from} may not run on ${unsafe === 1 ? 'one of them' : `${unsafe} of them`}.`
}
