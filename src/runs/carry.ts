import { announced, announceEveryMs } from './announcing.js'
import { type Carrying, ClaimLost, put, readAgain, takeUp, write } from './carrying.js'
import { clear } from './clearing.js'
import { end } from './ending.js'
import type { EngineParts } from './engine.js'
import { begin, landing } from './flights.js'
import { type Carried, type Move, nextMove } from './next-move.js'
import { planned } from './planning.js'
import type { Claim } from './ports.js'
import { hasEnded, type RunView } from './run.js'

/**
 * Carries a claimed run on until it parks or ends, or until `draining` aborts and the steps in flight have landed.
 * Parking is a return: nothing is thrown, nothing is kept in memory.
 */
export async function carry(parts: EngineParts, claim: Claim, view: RunView, draining: AbortSignal): Promise<void> {
  const carrying = takeUp(parts, claim, view)
  try {
    carrying.unannounced = await announced(carrying)
    while (await carriedOn(carrying)) {
      if (draining.aborted && carrying.flights.size === 0) return await handedOver(carrying)
    }
  } finally {
    carrying.letGo()
  }
}

/** Another worker goes on with the next step. */
async function handedOver(carrying: Carrying): Promise<void> {
  await write(carrying)
  carrying.parts.log.info({ run: carrying.claim.run }, 'let go of a run while stopping')
}

/** One move; false when the run is to be let go. */
async function carriedOn(carrying: Carrying): Promise<boolean> {
  if (carrying.claim.lost.aborted) throw new ClaimLost('the session that held the run is gone')
  if (carrying.touched) await readAgain(carrying)
  if (hasEnded(carrying.view.run.state)) return false
  if (!carrying.view.run.plan) return planned(carrying)
  return moved(carrying, nextMove(carrying.view, carriedBy(carrying), carrying.parts.clock.now()))
}

function carriedBy(carrying: Carrying): Carried {
  return {
    inFlight: new Set(carrying.flights.keys()),
    cleared: carrying.cleared,
    fenceOf: ({ key, action }) =>
      carrying.unannounced.has(key) ? 'none' : (carrying.parts.abilities.action(action)?.fence ?? 'none'),
  }
}

async function moved(carrying: Carrying, move: Move): Promise<boolean> {
  switch (move.kind) {
    case 'settle':
      return put(carrying, move.change)
    case 'start':
      return begin(carrying, move.steps, carrying.parts.clock.now())
    case 'lock':
      return clear(carrying)
    case 'flight':
      return landing(carrying, move.abort)
    case 'park':
      return parked(carrying, move.until)
    case 'end':
      return end(carrying, move)
  }
}

async function parked(carrying: Carrying, wanted: Date | null): Promise<boolean> {
  const until = carrying.unannounced.size > 0 ? soonerAgain(carrying, wanted) : wanted
  // A run that is turned round stays so, or whoever takes it up next would begin at the failure again.
  const turned = carrying.view.run.state === 'undoing'
  await write(carrying, turned ? { wakeAt: until } : { state: 'waiting', wakeAt: until })
  if (carrying.touched) return true
  if (until) await carrying.parts.wakes.wake(carrying.claim.run, until)
  return false
}

/** A target that could not be told who is newer may be back long before the deadline that is waited for. */
function soonerAgain({ parts }: Carrying, wanted: Date | null): Date {
  const again = new Date(parts.clock.now().getTime() + announceEveryMs)
  return wanted && wanted < again ? wanted : again
}
