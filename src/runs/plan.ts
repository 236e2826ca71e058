import { digestOf, type Json, type JsonObject } from '../json.js'
import type { Step, StepInput } from './step.js'

/** One change that a release brings. Text from outside: escape and cut before it is shown. */
export type Change = { sha: string; author: string; subject: string }

/** What the card's head says; observed at planning, shown, and covered by the digest where it is also pinned. */
export type Headline = {
  job: string
  service: string
  environment: string
  /** The version that serves now and the one that will; equal for a scaling. */
  from: string | null
  to: string | null
  changes: Change[]
  migrations: { name: string; what: string; safe: boolean }[]
  risk: 'low' | 'medium' | 'high'
  /** Web addresses: of the repository, and of what differs from the version that serves. */
  links?: { repository: string; compare: string | null }
  /** More facts in one short line each, such as "3 → 5 instances". */
  notes: string[]
  /** What undoing means, in a few words: "traffic back to v1.7.3". */
  undo: string
}

/** One thing to do on a terminal without Shipmate: what it does, the lines to paste, how to see that it worked. */
export type HandLine = { does: string; run: string; see: string }

/** Steps that can be shown before they run, approved by their digest, stored, compared and resumed by any worker. */
export type Plan = {
  version: 1
  headline: Headline
  /** What an approval binds to besides the steps: commit, artifact digest, the release replaced, configuration slice … */
  pinned: { [name: string]: Json }
  steps: Step[]
  /** The environment only observes: every `do` is refused and the card shows what would run. */
  observe: boolean
  /** What is true in the world once the run is done; written in the transaction that ends it. */
  result: Deployed | null
  /** Looked at once when a run that has acted ends half-way, so that its card can say what serves now. */
  aftermath?: { check: string; with: StepInput }
  /** How people go back without Shipmate; told before the first `do`, and no part of the digest. */
  byHand?: HandLine[]
  digest: string
}

/** This version serves that environment with so many instances, instead of the one before. */
export type Deployed = {
  service: string
  environment: string
  version: string
  instances: number
  replaced: string | null
}

export type PlanDraft = Omit<Plan, 'digest' | 'version'>

/** The plan with its digest: over what is pinned and every step, but not over observed words in the headline. */
export function sealPlan(draft: PlanDraft): Plan {
  const digest = digestOf({ pinned: draft.pinned, steps: draft.steps, observe: draft.observe, result: draft.result })
  return { version: 1, ...draft, digest }
}

/** What differs between two plans' pins and steps, one line each; empty when their digests are equal. */
export function planChanges(before: Plan, after: Plan): string[] {
  if (before.digest === after.digest) return []
  const names = [...new Set([...Object.keys(before.pinned), ...Object.keys(after.pinned)])].sort()
  const pins = names
    .filter((name) => digestOf(before.pinned[name]) !== digestOf(after.pinned[name]))
    .map((name) => `${name}: ${shown(before.pinned[name])} → ${shown(after.pinned[name])}`)
  const titles = (plan: Plan) => new Map(plan.steps.map((step) => [step.key, digestOf(step)]))
  const [old, fresh] = [titles(before), titles(after)]
  const steps = after.steps
    .filter((step) => old.get(step.key) !== fresh.get(step.key))
    .map((step) => `step changed: ${step.title}`)
  const gone = before.steps.filter((step) => !fresh.has(step.key)).map((step) => `step gone: ${step.title}`)
  const lines = [...pins, ...steps, ...gone]
  return lines.length > 0 ? lines : ['the order of the steps changed']
}

function shown(value: Json | JsonObject | undefined): string {
  if (value === undefined || value === null) return 'none'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
