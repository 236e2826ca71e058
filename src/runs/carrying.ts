import { applied, merged } from './applied.js'
import type { StepEnd } from './attempt.js'
import type { EngineParts } from './engine.js'
import type { Claim, RunChange } from './ports.js'
import type { RunView } from './run.js'

/** One worker's hold on one run, from the claim until it parks, ends or is lost. */
export type Carrying = {
  parts: EngineParts
  claim: Claim
  /** What the rows will say once `unwritten` is written. */
  view: RunView
  /** Steps running in this process at this moment. */
  flights: Map<string, Flight>
  /** What happened and is not written yet: it is written together with what happens next. */
  unwritten: RunChange
  /** The locks are held and the plan was found unchanged under them, by this worker. */
  cleared: boolean
  /** Cut-off steps whose target does not know yet that this worker is newer. */
  unannounced: ReadonlySet<string>
  /** Somebody else changed the run's rows. */
  touched: boolean
  /** Ends the wait for a step to land. */
  nudge(): void
  letGo(): void
}

export type Flight = { abort: AbortController; landed: Promise<{ key: string; end: StepEnd }>; progressWritten: number }

const nothing: RunChange = {}

/** The epoch is not ours any more, or the session that proved it is gone: nothing more may be written or called. */
export class ClaimLost extends Error {}

export function takeUp(parts: EngineParts, claim: Claim, view: RunView): Carrying {
  const idle = { touched: false, nudge: () => {}, letGo: () => {} }
  const rest = { flights: new Map(), unwritten: nothing, cleared: false, unannounced: new Set<string>(), ...idle }
  const carrying: Carrying = { parts, claim, view, ...rest }
  const unsubscribe = parts.store.signals.onRun(({ run, epoch }) => {
    if (run !== claim.run || epoch === claim.epoch) return
    carrying.touched = true
    carrying.nudge()
  })
  const grounded = (why: string) => {
    for (const flight of carrying.flights.values()) flight.abort.abort(why)
  }
  const lost = () => {
    grounded('the session that held the run is gone')
    carrying.nudge()
  }
  claim.lost.addEventListener('abort', lost)
  carrying.letGo = () => {
    unsubscribe()
    claim.lost.removeEventListener('abort', lost)
    grounded('the run was let go')
  }
  return carrying
}

const added = (unwritten: RunChange, change: RunChange) => (unwritten === nothing ? change : merged(unwritten, change))

/** Remembers a change for the next write and decides on it at once. */
export function put(carrying: Carrying, change: RunChange): true {
  carrying.unwritten = added(carrying.unwritten, change)
  carrying.view = applied(carrying.view, change)
  return true
}

/** Writes all that happened, fenced; throws ClaimLost when the epoch is no longer ours. */
export async function write(carrying: Carrying, change?: RunChange): Promise<void> {
  const whole = change ? added(carrying.unwritten, change) : carrying.unwritten
  if (whole === nothing) return
  carrying.unwritten = nothing
  const written = carrying.parts.store.runs.write(carrying.claim, whole)
  // While the rows are being written: nothing is read of the view before that has ended.
  if (change) carrying.view = applied(carrying.view, change)
  if (!(await written)) throw new ClaimLost('another worker carries the run')
}

/** The rows as they are now, after somebody else's act. */
export async function readAgain(carrying: Carrying): Promise<void> {
  await write(carrying)
  carrying.touched = false
  const view = await carrying.parts.store.runs.load(carrying.claim.run)
  if (view) carrying.view = view
}
