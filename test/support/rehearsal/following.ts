import { hasEnded, type RunId, type RunView, type StepRecord } from '../../../src/runs/run.js'
import { asker } from '../desk-world.js'
import { waitFor } from '../wait-for.js'
import type { RehearsalWorld } from './world.js'

/** What people answer, by step; `heal` is what somebody does by hand before that step is answered. */
export type Played = {
  answers?: { [step: string]: string }
  heal?: { [step: string]: () => Promise<unknown> | unknown }
}

export type Followed = { view: RunView; step(key: string): StepRecord; children: RunView[]; given: Map<string, string> }

/** Looks of real systems need a moment between them, however fast the clock skips. */
const betweenLooksMs = 600
/** Longest for one guide, on a busy machine. */
const longestMs = 250_000

/** Goes through a shipped guide in an incident of its own, at the desk, until its run has ended. */
export async function follow(world: RehearsalWorld, guide: string, played: Played = {}): Promise<Followed> {
  const { desk, store } = world
  const ivy = () => asker('U0IVY')
  const what = `rehearsal of ${guide}`
  await desk.pressIncident(
    { name: 'drill', guide, service: 'storefront', environment: 'prod' },
    asker('U0IVY', 'slack', `${what} ${Date.now()}`),
  )
  const [incident] = await store.incidents.rows.list({ state: 'open', limit: 1 })
  const view = incident && (await store.incidents.rows.view(incident.id))
  const run = view?.incident.guide ?? null
  if (!incident || run === null) throw new Error(`${guide} was not begun`)
  const given = new Map<string, string>()
  const ended = await waitFor(
    `${guide} ends`,
    async () => {
      const now = await seen(world, run)
      if (hasEnded(now.run.state)) return now
      await moveOn(world, now, { ...played, given })
      return undefined
    },
    longestMs,
  )
  await desk.pressIncident({ name: 'resolve', incident: incident.id, reason: 'the rehearsal is over' }, ivy())
  const children = await childrenOf(world, ended)
  return { view: ended, children, given, step: (key) => stepIn(ended, key) }
}

function stepIn({ steps }: RunView, key: string): StepRecord {
  const found = steps.find((step) => step.key === key)
  if (found) return found
  throw new Error(`no step ${key}; there are ${steps.map((step) => step.key).join(', ')}`)
}

async function seen({ store }: Pick<RehearsalWorld, 'store'>, run: RunId): Promise<RunView> {
  const view = await store.desk.view(run)
  if (view) return view
  throw new Error(`#${run} is gone`)
}

const runsOf = ({ steps }: RunView): RunId[] =>
  steps.flatMap(({ output }) => (typeof output.run === 'number' ? [output.run] : []))

async function childrenOf(world: RehearsalWorld, guide: RunView): Promise<RunView[]> {
  return Promise.all([...new Set(runsOf(guide))].map((run) => seen(world, run)))
}

/** One thing that people or time would do next. */
async function moveOn(world: RehearsalWorld, guide: RunView, played: Played & { given: Map<string, string> }) {
  const working = (await childrenOf(world, guide)).filter(({ run }) => !hasEnded(run.state))
  for (const child of working) await approve(world, child)
  if (working.length > 0) return
  const asks = guide.steps.filter(({ step, state }) => step.verb === 'ask' && state === 'waiting')
  for (const ask of asks) await answered(world, guide, ask, played)
  if (asks.length > 0) return
  const parked = guide.steps.filter(({ step, state, wakeAt }) => step.verb === 'check' && state === 'waiting' && wakeAt)
  const [next] = parked.flatMap(({ wakeAt }) => wakeAt ?? []).sort((a, b) => +a - +b)
  if (!next || guide.steps.some(({ state }) => state === 'running')) return
  await new Promise((done) => setTimeout(done, parked.some(({ key }) => key.endsWith(':ended')) ? 0 : betweenLooksMs))
  world.clock.skipTo(next)
}

/** What a guide begins has the approvals of its own that the operator's file asks for; another person gives them. */
async function approve({ desk }: RehearsalWorld, { run, steps }: RunView) {
  const ask = steps.find(({ step, state }) => step.verb === 'ask' && state === 'waiting')
  if (!ask) return
  const press = { run: run.id, step: ask.key, round: ask.round, digest: run.plan?.digest ?? '' }
  await desk.press({ name: 'approve', ...press }, asker('U0MINA'))
}

async function answered(
  { desk }: RehearsalWorld,
  { run }: RunView,
  { key, step, round }: StepRecord,
  { answers = {}, heal = {}, given }: Played & { given: Map<string, string> },
) {
  if (step.verb !== 'ask' || given.has(key)) return
  const values = step.answers.map(({ value }) => value)
  const answer = answers[key] ?? values[0] ?? 'skip'
  if (!values.includes(answer)) throw new Error(`${key} takes ${values.join(', ')}, not ${answer}`)
  given.set(key, answer)
  await heal[key]?.()
  const press = { run: run.id, step: key, round, digest: run.plan?.digest ?? '' }
  const reply = await desk.press(
    { name: 'choose', ...press, answer, reason: answer === 'skip' ? 'not in this rehearsal' : '' },
    asker('U0IVY'),
  )
  if (reply.kind === 'refused') throw new Error(`${key} ${answer}: ${JSON.stringify(reply.refusal)}`)
}
