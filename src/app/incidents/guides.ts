import type { GuideWorld } from '../../incidents/guides/check-guide.js'
import type { GuideFolder } from '../../integrations/guide-folder.js'
import type { GuideShelf } from '../../jobs/incidents/parts.js'
import { jobs } from '../../jobs/jobs.js'
import type { Abilities } from '../../runs/abilities.js'
import type { AppParts } from '../parts.js'

/** A guide that is edited is read again within so long. */
const keptFor = 60_000

/** The shipped guides and the operator's own, which go before them; checked against what this Shipmate can look at and do. */
export function guideShelf(
  { catalogue, clock, log }: Pick<AppParts, 'catalogue' | 'clock' | 'log'>,
  abilities: Abilities,
): GuideShelf {
  const world = guideWorld(abilities)
  // A Shipmate without incidents needs none of what reads Markdown.
  async function opened(own: string | null): Promise<GuideFolder> {
    const [{ readGuideFolder }, { checkGuide }] = await Promise.all([
      import('../../integrations/guide-folder.js'),
      import('../../incidents/guides/check-guide.js'),
    ])
    return readGuideFolder({ own, check: (guide) => checkGuide(guide, world), log })
  }
  let read: { at: number; folder: Promise<GuideFolder> } | null = null
  const folder = () => {
    const now = clock.now().getTime()
    if (!read || now - read.at > keptFor) {
      const [own, before] = [catalogue.incidents.guides, read]
      read = { at: now, folder: opened(own) }
      read.folder.catch(() => {
        read = null
      })
      // An incident that begins now waits for no reading: what was known a minute ago is good enough.
      if (before) return before.folder
    }
    return read.folder
  }
  return {
    all: async () => (await folder()).guides.map(({ guide }) => guide),
    take: async (name) => (await folder()).guides.find(({ guide }) => guide.name === name) ?? null,
  }
}

/** What guides may name: every check and action there is, and the jobs. */
export const guideWorld = (abilities: Abilities): GuideWorld => ({
  check: (name) => abilities.check(name),
  action: (name) => abilities.action(name),
  job: (name) => jobs.find((job) => job.name === name),
  names: () => [...abilities.names(), ...jobs.map(({ name }) => name)],
})
