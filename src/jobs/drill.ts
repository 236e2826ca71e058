import { nameOf } from '../incidents/incident.js'
import type { PlanDraft } from '../runs/plan.js'
import type { Intent } from '../runs/run.js'
import type { Step } from '../runs/step.js'

/** A plan that a drill began: what it does is real, and whoever reads of it reads that nothing is broken. */
export function asDrill(draft: PlanDraft, { recovery }: Intent): PlanDraft {
  const where = recovery ? ` in ${nameOf(recovery.incident)}` : ''
  const note = `DRILL: begun${where}, where nothing is broken; what it does is real`
  return {
    ...draft,
    headline: { ...draft.headline, notes: [note, ...draft.headline.notes] },
    steps: draft.steps.map(marked),
  }
}

function marked(step: Step): Step {
  if (step.verb === 'say') return { ...step, text: `DRILL: ${step.text}` }
  if (step.verb === 'ask') return { ...step, question: `DRILL: ${step.question}` }
  return step
}
