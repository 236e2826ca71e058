import type { GuideWorld } from '../../incidents/guides/check-guide.js'
import { suggestGuides } from '../../incidents/guides/suggest-guides.js'
import { readGuideHeads } from '../../integrations/guide-heads.js'
import type { GuideShelf } from '../../jobs/incidents/parts.js'
import { jobs } from '../../jobs/jobs.js'
import type { Abilities } from '../../runs/abilities.js'
import type { AppParts } from '../parts.js'

/** A guide that is edited is read again within so long. */
const keptFor = 60_000

type ShelfParts = Pick<AppParts, 'catalogue' | 'clock' | 'log'>

/** The shipped guides and the operator's own, which go before them; checked against what this Shipmate can look at and do. */
export function guideShelf({ catalogue, clock, log }: ShelfParts, abilities: Abilities): GuideShelf {
  const own = catalogue.incidents.guides
  const world = guideWorld(abilities)
  // A Shipmate without incidents needs none of what reads Markdown, and suggesting a guide does not either.
  async function reading() {
    const [{ readGuideFolder, readGuideNamed }, { checkGuide }] = await Promise.all([
      import('../../integrations/guide-folder.js'),
      import('../../incidents/guides/check-guide.js'),
    ])
    const parts = { own, check: (guide: Parameters<typeof checkGuide>[0]) => checkGuide(guide, world), log }
    return { folder: () => readGuideFolder(parts), named: (name: string) => readGuideNamed(name, parts) }
  }
  const folder = kept(clock, async () => (await reading()).folder())
  const heads = kept(clock, () => readGuideHeads({ own }))
  const take = async (name: string) => (await reading()).named(name)
  return {
    all: async () => (await folder()).guides.map(({ guide }) => guide),
    take,
    fitting: async (symptoms, most) => {
      const offered: { name: string; title: string; why: string }[] = []
      for (const { guide, why } of suggestGuides(symptoms, await heads())) {
        if (offered.length === most) break
        // Tests have read the shipped ones whole; one of the operator's is offered only when it can be followed.
        if (guide.from === 'own' && (await take(guide.name)) === null) continue
        offered.push({ name: guide.name, title: guide.title, why })
      }
      return offered
    },
  }
}

/** What was read, read again beside its use: an incident that begins now waits for no reading. */
function kept<Value>(clock: ShelfParts['clock'], read: () => Promise<Value>): () => Promise<Value> {
  let known: { at: number; value: Promise<Value> } | null = null
  return () => {
    const now = clock.now().getTime()
    if (known && now - known.at <= keptFor) return known.value
    const before = known
    const fresh = { at: now, value: read() }
    known = fresh
    fresh.value.catch(() => {
      if (known === fresh) known = null
    })
    return before ? before.value : fresh.value
  }
}

/** What guides may name: every check and action there is, and the jobs. */
export const guideWorld = (abilities: Abilities): GuideWorld => ({
  check: (name) => abilities.check(name),
  action: (name) => abilities.action(name),
  job: (name) => jobs.find((job) => job.name === name),
  names: () => [...abilities.names(), ...jobs.map(({ name }) => name)],
})
