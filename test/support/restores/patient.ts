import type { RunDesk } from '../../../src/runs/ports.js'
import { type EndedState, hasEnded, type RunView } from '../../../src/runs/run.js'
import { waitFor } from '../wait-for.js'

const withinMs = 150_000

/** Waits for runs that move real data, and says how far they came when they do not get there. */
export function patient(world: { store: { desk: Pick<RunDesk, 'view'> } }) {
  const until = async (run: number, what: string, holds: (view: RunView) => boolean): Promise<RunView> => {
    let last: RunView | null = null
    const look = async () => {
      last = await world.store.desk.view(run)
      return last && (holds(last) || hasEnded(last.run.state)) ? last : undefined
    }
    const view = await waitFor(`#${run} ${what}`, look, withinMs).catch((thrown: Error) => {
      throw new Error(`${thrown.message}: ${farOf(last)}`)
    })
    if (!holds(view)) throw new Error(`#${run} ended before it ${what}: ${farOf(view)}`)
    return view
  }
  const waits = ({ steps }: RunView) => steps.some(({ step, state }) => step.verb === 'ask' && state === 'waiting')
  return {
    /** However it ends. */
    over: (run: number) => until(run, 'has ended', (view) => hasEnded(view.run.state)),
    asks: (run: number) => until(run, 'asks', waits),
    ended: (run: number, state: EndedState) => until(run, `is ${state}`, (view) => view.run.state === state),
  }
}

const farOf = (view: RunView | null) =>
  view
    ? `${view.run.state}, ${view.run.reason?.text ?? 'no reason'}; ${view.steps
        .map(({ key, state, evidence }) => `${key} ${state}${evidence ? ` (${evidence.summary})` : ''}`)
        .join(', ')}`
    : 'nothing is known of it'
