import { z } from 'zod'
import type { PlanDraft } from '../runs/plan.js'
import type { Intent } from '../runs/run.js'
import type { Facts } from './facts.js'
import type { Job } from './jobs.js'

const input = z.strictObject({
  guide: z.string().min(1).max(80),
  incident: z.number().int(),
  /** The guide as it was when it was begun: a later edit of the file changes no run. */
  markdown: z.string().max(256 * 1024),
})

/** A recovery guide that people follow. Its checks look by themselves; what it does are runs of their own. */
export const guide: Job = {
  name: 'guide',
  input,
  // Who may follow one is decided with the incident; who may look may end it.
  act: 'view',
  priority: 0,
  resources: () => [],
  plan: planGuideRun,
}

export async function planGuideRun(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const given = input.parse(intent.input)
  // Reading Markdown takes a library that nothing else needs.
  const [{ readGuide }, { planGuide }] = await Promise.all([
    import('../incidents/guides/read-guide.js'),
    import('./guide-plan.js'),
  ])
  const read = readGuide(given.markdown, given.guide)
  const { service, environment } = intent
  const responders = { ...facts.catalogue.incidents.may.respond, requester: 'counts' as const }
  const { steps, pinned } = planGuide(read, { incident: given.incident, service, environment, responders })
  return {
    headline: {
      job: 'guide',
      service,
      environment,
      from: null,
      to: null,
      changes: [],
      migrations: [],
      risk: 'low',
      notes: [read.title],
      undo: 'each act is a run of its own',
    },
    pinned,
    steps,
    observe: false,
    result: null,
  }
}
