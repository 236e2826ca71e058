import type { Asker, Query } from '../../commands/command.js'
import { commands } from '../../commands/commands.js'
import type { Reply } from '../../commands/reply.js'
import { environmentOf } from '../../releases/catalogue.js'
import type { Denial } from '../../releases/denial.js'
import type { Standing } from '../../releases/people.js'
import { denied, unproven } from '../../releases/permission.js'
import type { RunView } from '../../runs/run.js'
import { backups } from '../backups/querying.js'
import type { IncidentDeskParts } from '../incidents/parts.js'
import { routines } from '../routines/querying.js'
import { outsideActs } from './audit.js'
import { diagnosis } from './diagnosing.js'
import { locks, queue } from './lines.js'
import { type DeskParts, refusal, standingOf } from './parts.js'
import { maySay, visible } from './rights.js'
import { status } from './status.js'
import { why } from './why.js'

/** Looking around; each person sees the environments that `view` gives them. */
export async function query(parts: IncidentDeskParts, wanted: Query, asker: Asker): Promise<Reply> {
  const standing = await standingOf(parts, asker)
  const unknown = unproven(standing, parts.clock.now(), 'You may not look around here.')
  if (unknown || standing === null) return refusal(unknown ?? unknownRun(0))
  switch (wanted.name) {
    case 'help':
      return help(parts, standing, wanted.command)
    case 'status':
      return status(parts, standing)
    case 'runs':
      return runs(parts, standing, wanted.environment)
    case 'run':
      return run(parts, standing, wanted.run, asker)
    case 'locks':
      return mayView(parts, wanted.environment, standing) ?? locks(parts, wanted, standing)
    case 'queue':
      return mayView(parts, wanted.environment, standing) ?? queue(parts, wanted, standing)
    case 'backups':
      return backups(parts, wanted, standing)
    case 'routines':
      return routines(parts, standing)
    case 'audit':
      return outsideActs(parts, standing)
    case 'why':
      return mayView(parts, wanted.environment, standing) ?? why(parts, wanted, standing)
    case 'diagnosis':
      return mayView(parts, wanted.environment, standing) ?? diagnosis(parts, wanted)
  }
}

function help(parts: DeskParts, standing: Standing, command?: string): Reply {
  const name = command?.toLowerCase().replace(/^\//, '')
  const some = maySay(parts, standing, name)
  const entries = some.length > 0 ? some : maySay(parts, standing)
  const intro =
    'This is what you may say. Words may stand in any order, and in a thread the same works as a mention: @shipmate deploy prod'
  const none = some.length === 0 && commands.some((one) => one.name === name)
  return { kind: 'help', entries, intro: none ? `Nothing of /${name} is yours to say here. ${intro}` : intro }
}

const shown = 10

async function runs(parts: DeskParts, standing: Standing, environment?: string): Promise<Reply> {
  const no = mayView(parts, environment, standing)
  if (no) return no
  const seen = new Set(visible(parts, standing).map(({ name }) => name))
  const found = await parts.desk.list({ ...(environment ? { environment } : {}), limit: 5 * shown })
  const title = environment ? `The latest runs in ${environment}` : 'The latest runs'
  return { kind: 'runs', title, runs: found.filter(({ intent }) => seen.has(intent.environment)).slice(0, shown) }
}

async function run(parts: DeskParts, standing: Standing, id: number, asker: Asker): Promise<Reply> {
  const view = await viewOf(parts, id, asker)
  if (!view) return refusal(unknownRun(id))
  return mayView(parts, view.run.intent.environment, standing) ?? { kind: 'run', view }
}

/** A run of the asker's workspace; another workspace's is as good as none. */
export async function viewOf(parts: DeskParts, id: number, { team }: Asker): Promise<RunView | null> {
  const view = await parts.desk.view(id)
  return view && view.run.team === team ? view : null
}

export const unknownRun = (id: number): Denial => ({
  code: 'run-unknown',
  what: `There is no run #${id}.`,
  why: 'It was never asked for here.',
  next: 'Type /ops runs to see the latest.',
})

function mayView(parts: DeskParts, name: string | undefined, standing: Standing): Reply | null {
  const environment = name === undefined ? null : environmentOf(parts.catalogue, name)
  const denial = environment ? denied('view', environment, standing, parts.clock.now()) : null
  return denial ? refusal(denial) : null
}
