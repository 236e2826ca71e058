import { refused } from '../errors.js'
import { readGuideHeads } from '../integrations/guide-heads.js'
import type { Catalogue } from '../releases/catalogue.js'
import { nearest } from '../releases/nearest.js'

/**
 * A guide that a routine names and nobody has would be found when it is due; so it is looked for at start.
 * Throws ShipmateError `routine-guide-unknown`.
 */
export async function requireRoutineGuides({ routines, incidents }: Pick<Catalogue, 'routines' | 'incidents'>) {
  const named = Object.values(routines).filter(({ guide }) => guide !== null)
  if (named.length === 0) return
  const known = (await readGuideHeads({ own: incidents.guides })).map(({ name }) => name)
  const wrong = named.find(({ guide }) => guide !== null && !known.includes(guide))
  if (!wrong) return
  const meant = nearest(wrong.guide ?? '', known)
  throw refused('routine-guide-unknown', `routines.${wrong.name}.guide of the operator’s file names no guide.`, {
    wanted: 'the name of a guide that comes with Shipmate or is your own',
    came: `"${wrong.guide}", which does not exist`,
    next: meant ? `Did you mean "${meant}"?` : 'Leave it out, or write the guide: /ops guide lists those there are.',
  })
}
