import { checkGuide } from '../../incidents/guides/check-guide.js'
import { readGuideFolder } from '../../integrations/guide-folder.js'
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
  const world = {
    check: (name: string) => abilities.check(name),
    action: (name: string) => abilities.action(name),
    job: (name: string) => jobs.find((job) => job.name === name),
    names: () => [...abilities.names(), ...jobs.map(({ name }) => name)],
  }
  let read: { at: number; folder: ReturnType<typeof readGuideFolder> } | null = null
  const folder = () => {
    const now = clock.now().getTime()
    if (!read || now - read.at > keptFor) {
      const own = catalogue.incidents.guides
      read = { at: now, folder: readGuideFolder({ own, check: (guide) => checkGuide(guide, world), log }) }
      read.folder.catch(() => {
        read = null
      })
    }
    return read.folder
  }
  // Reading them all takes a moment, which nobody should wait for in the first minute of an incident.
  void folder().catch(() => {})
  return {
    all: async () => (await folder()).guides.map(({ guide }) => guide),
    take: async (name) => (await folder()).guides.find(({ guide }) => guide.name === name) ?? null,
  }
}
