import type { RunView } from '../../runs/run.js'
import { plural } from '../text.js'
import { subjectOf } from './subject.js'

/** What rolling this deploy back means, for the confirmation: the version, and the migrations that stay. */
export function rollBackText(view: RunView): string {
  return [`Rolls back to ${before(view)}.`, migrationsStay(view)].filter((part) => part !== '').join(' ')
}

/** That going back leaves the migrations, and whether the release before can live with that; '' without migrations. */
export function migrationsStay(view: RunView): string {
  const migrations = view.run.plan?.headline.migrations ?? []
  if (migrations.length === 0) return ''
  const one = migrations.length === 1
  const stay = `${plural(migrations.length, 'migration')} ${one ? 'stays' : 'stay'} applied`
  const unsafe = migrations.filter(({ safe }) => !safe).length
  if (unsafe === 0) return `${stay}; ${before(view)} can run on ${one ? 'it' : 'them'}.`
  const which = one ? 'it' : unsafe === 1 ? 'one of them' : `${unsafe} of them`
  return `${stay}, and ${before(view)} may not run on ${which}.`
}

const before = ({ run }: RunView): string => subjectOf(run).from ?? 'the release before'
