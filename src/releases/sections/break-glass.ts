import { z } from 'zod'
import type { Mistake } from '../catalogue-rules.js'
import type { CatalogueFile } from '../catalogue-schema.js'
import { isNobody } from '../permission.js'
import { duration, groups, list, oneOf, people } from './values.js'

const hour = 3_600_000
const day = 24 * hour

/**
 * What breaking glass means in an environment: for how long at most, what may then be decided alone, and who looks at it
 * afterwards. Who may do it stands with the other rights. Durations in milliseconds.
 */
export const breakGlassSection = z.strictObject({
  longest: duration.default(hour),
  acts: list(
    oneOf('deploy', 'rollback', 'scale', 'operate', 'backup', 'restore'),
    'a list of acts such as [deploy, rollback]',
  ).default(['deploy', 'rollback', 'scale', 'operate']),
  review: z
    .strictObject({ groups, people, within: duration.default(3 * day) })
    .default({ groups: [], people: [], within: 3 * day }),
})

export type BreakGlass = z.output<typeof breakGlassSection>

type EnvironmentInFile = CatalogueFile['environments'][string]

/** Those who approve deploys review, where the file names nobody. */
export function breakGlassOf({ breakGlass, approvals }: EnvironmentInFile): BreakGlass {
  const section = breakGlass ?? breakGlassSection.parse({})
  const { review } = section
  if (review.groups.length > 0 || review.people.length > 0) return section
  const { groups, people } = approvals.deploy
  return { ...section, review: { ...review, groups, people } }
}

/** Glass that nobody could look at afterwards is no glass. */
export function breakGlassMistakes(name: string, environment: EnvironmentInFile): Mistake[] {
  if (isNobody(environment.may.breakGlass)) return []
  const { groups, people } = breakGlassOf(environment).review
  const breakers = environment.may.breakGlass
  const alone =
    people.length > 0 &&
    breakers.groups.length === 0 &&
    !breakers.everyone &&
    people.every((person) => breakers.people.length === 1 && breakers.people.includes(person))
  if (groups.length > 0 || (people.length > 0 && !alone)) return []
  return [
    {
      path: ['environments', name, 'may', 'breakGlass'],
      wanted: 'somebody else who reviews it afterwards',
      came: alone ? 'the same person' : 'nobody: no review and no approvals of deploys name anybody',
      next: `Add groups or people to environments.${name}.breakGlass.review.`,
      atKey: true,
    },
  ]
}
