import type { HelpEntry, PlaceLine } from '../../commands/reply.js'
import type { IncidentRecord } from '../../incidents/incident.js'
import { answerDenied, breakingGlass, openStep } from '../../releases/approvals.js'
import { resourceOf } from '../../releases/catalogue.js'
import type { Standing } from '../../releases/people.js'
import type { Occurrence } from '../../releases/routines/routine.js'
import type { RunRecord, RunView } from '../../runs/run.js'
import { type IncidentDeskParts, maySee } from '../incidents/parts.js'
import { waitingRoutines } from '../routines/querying.js'
import { demandOf } from './answering.js'
import { everyPlace } from './lines.js'
import type { DeskParts } from './parts.js'
import { maySay, visible } from './rights.js'

/** App Home: what waits for me, what is running, what is broken, what is locked, what I may do. */
export type Home = {
  waitsForMe: RunView[]
  /** What recurs, is asked for now and is this person's to do. */
  routines: Occurrence[]
  running: RunView[]
  broken: RunView[]
  /** Open ones that this person may see. */
  incidents: IncidentRecord[]
  /** Places that people hold by hand. */
  locked: PlaceLine[]
  may: HelpEntry[]
}

const shown = 20

export async function home(parts: IncidentDeskParts, standing: Standing | null): Promise<Home> {
  const seen = new Set(visible(parts, standing).map(({ name }) => name))
  // A guide stands with its incident.
  const inSight = ({ intent }: RunRecord) => seen.has(intent.environment) && intent.job !== 'guide'
  const [live, all, open] = await Promise.all([
    parts.desk.list({ live: true, limit: shown }),
    parts.desk.list({ limit: 100 }),
    parts.incidents.store.list({ state: 'open', limit: shown }),
  ])
  const [moving, broken, places, routines] = await Promise.all([
    views(parts, live.filter(inSight)),
    views(parts, latestBroken(all.filter(inSight))),
    everyPlace(parts, standing),
    waitingRoutines(parts, standing),
  ])
  const waits = (view: RunView) => waitsFor(view, standing, parts.clock.now())
  return {
    waitsForMe: moving.filter(waits),
    routines,
    running: moving.filter((view) => !waits(view)),
    broken,
    incidents: open.filter((incident) => standing !== null && maySee(parts, incident, standing)),
    locked: places.filter(({ holder }) => holder?.run === null),
    may: maySay(parts, standing),
  }
}

async function views(parts: DeskParts, runs: RunRecord[]): Promise<RunView[]> {
  const found = await Promise.all(runs.slice(0, shown).map(({ id }) => parts.desk.view(id)))
  return found.filter((view) => view !== null)
}

/** An ask is open, this person's answer would count, and was not given yet. */
function waitsFor(view: RunView, standing: Standing | null, now: Date): boolean {
  return view.steps.some(({ step, state, round }) => {
    if (step.verb !== 'ask' || state !== 'waiting' || standing === null) return false
    // Others may close glass too; it waits for whoever broke it.
    if (view.run.intent.job === breakingGlass && step.key === openStep) return view.run.requestedBy.id === standing.id
    const given = view.answers.some(
      (one) => one.step === step.key && one.round === round && one.person.id === standing.id,
    )
    return !given && answerDenied('confirm', demandOf(view.run, step), standing, [], now) === null
  })
}

const bad = ['failed', 'faulted', 'timed out', 'undone', 'lost']

/** Places whose latest run that did anything ended badly. */
function latestBroken(runs: RunRecord[]): RunRecord[] {
  const seen = new Set<string>()
  return runs.filter((run) => {
    const place = resourceOf(run.intent.service, run.intent.environment)
    if (seen.has(place) || run.endedAt === null || run.startedAt === null) return false
    seen.add(place)
    return bad.includes(run.state)
  })
}
