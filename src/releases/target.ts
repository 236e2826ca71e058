import type { HandLine } from '../runs/plan.js'
import type { Step } from '../runs/step.js'
import type { Release } from './release.js'

/** The place an environment runs on, and what it is running. Drivers live in integrations/. */
export type Target = {
  /** What runs there now; changes nothing. */
  look(place: Place): Promise<TargetState>
  /** The steps that carry out a change from that state: pure, the same input gives the same steps. */
  steps(change: TargetChange, state: TargetState): Step[]
  /**
   * What a person pastes into a terminal, with nothing of Shipmate running, to bring back what serves in that state: during
   * a change that began there, and after it. Pure. Secrets by name only. [] when nothing serves.
   */
  byHand(place: Place, state: TargetState): HandLine[]
}

/** One service in one environment, as the operator's file places it. */
export type Place = {
  service: string
  environment: string
  target: string
  strategy: 'blue-green' | 'rolling'
  instances: number
  /** Share of traffic (percent) the new version gets first, before all of it; [] moves it at once. */
  shares: number[]
  /** Watched for so many ms; `maxErrors` is a share of the new version's answers (0.01 is 1 %); fewer requests than `minRequests` judge nothing. */
  verify: { for: number; maxErrors: number; minRequests: number }
  /** Milliseconds that old instances get to finish what they are answering. */
  drain: number
  /** Milliseconds for a new instance to become healthy. */
  healthy: number
}

export type InstanceState = { id: string; host: string; version: string; url: string; ready: boolean; weight: number }
export type TargetState = {
  instances: InstanceState[]
  /** The version with all or most of the traffic; null when nothing serves. */
  serving: string | null
  /** The traffic is where a person put it by hand; who plans now knows it. */
  byHand?: true
}

export type TargetChange =
  | { kind: 'replace'; place: Place; to: Release; from: string | null }
  | { kind: 'scale'; place: Place; instances: number; version: string }
