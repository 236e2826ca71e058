import { hasEnded, type RunView } from '../../runs/run.js'
import { isEnded } from '../../runs/step.js'
import { duration } from '../text.js'
import { glassHead, isGlass } from './glass.js'
import { isApproval, openAsk, workOf } from './parts-of-run.js'
import { lights } from './signs.js'
import { changeOf, drillMark, type Subject, subjectOf } from './subject.js'
import { servesNow, worldOf } from './world.js'

/** The first line: what is true now, with the service, the environment and the verb of state. */
export function headLine(view: RunView): string {
  if (isGlass(view)) return glassHead(view)
  const subject = subjectOf(view.run)
  const [sign = '', ...words] = (hasEnded(view.run.state) ? endedLine(view, subject) : liveLine(view, subject)).split(
    ' ',
  )
  return `${sign} ${drillMark(view.run)}${words.join(' ')}`
}

function liveLine(view: RunView, subject: Subject): string {
  const [sign, words] = liveState(view)
  return `${sign} ${changeOf(subject)} · ${words}`
}

function liveState(view: RunView): [sign: string, words: string] {
  const { run } = view
  if (run.stopRequested) return [lights.working, 'stopping']
  switch (run.state) {
    case 'queued':
      return [lights.still, 'waiting in line']
    case 'planning':
      return [lights.working, 'planning']
    case 'undoing':
      return [lights.undone, 'undoing']
    case 'waiting':
      return [lights.people, waitingFor(view)]
    default:
      return [lights.working, doing(view)]
  }
}

function waitingFor(view: RunView): string {
  const ask = openAsk(view)
  if (ask) return isApproval(ask.step) ? 'waiting for approval' : 'waiting for a decision'
  return isLockWait(view) ? 'waiting for a lock' : 'waiting'
}

export const isLockWait = ({ run }: RunView): boolean =>
  run.state === 'waiting' && (run.reason?.code ?? '').includes('lock')

/** Once nothing is left to do that could be undone, the change is made and only has to prove itself. */
function doing(view: RunView): string {
  const work = workOf(view)
  const left = work.filter(({ state }) => !isEnded(state))
  const share = work.findLast(({ output }) => typeof output.share === 'number')?.output.share
  if (typeof share === 'number' && share > 0 && share < 100) return 'moving traffic'
  const checking = left.some(({ step, state }) => step.verb === 'check' && state === 'running')
  return checking && left.every(({ step }) => step.verb === 'check' || !('undo' in step)) ? 'verifying' : 'running'
}

function endedLine(view: RunView, subject: Subject): string {
  if (view.run.state === 'done') return `${lights.done} ${reached(subject)}`
  if (isObserved(view)) return `${lights.still} ${changeOf(subject)} · only observed, nothing was changed.`
  const sign = view.run.state === 'undone' ? lights.undone : view.run.state === 'stopped' ? lights.still : lights.failed
  return `${sign} ${missed(view, subject)}`
}

/** The environment only observes: the engine refused the first `do`. */
export const isObserved = ({ run }: RunView): boolean => run.state === 'refused' && run.reason?.code === 'observe-mode'

function reached({ job, service, environment, to, instances, database, repair }: Subject): string {
  if (repair) return `${service} in *${environment}*: “${repair}” is done.`
  if (database) return `${capital(database)} in *${environment}* ${databaseDeeds[job] ?? 'is done.'}`
  if (job === 'scale' && instances !== null)
    return `${service} runs *${instances} ${instances === 1 ? 'instance' : 'instances'}* in *${environment}*.`
  if (job === 'rollback') return `${service} *${to ?? 'the release before'}* is back in *${environment}*.`
  if (job === 'deploy') return `${service} *${to ?? 'the newest version'}* is live in *${environment}*.`
  return `${job} of ${service} in *${environment}* is done.`
}

/** How a run about a database ended well, and what its end means when it did not. */
const databaseDeeds: { [job: string]: string } = {
  backup: 'is stored, and was read back.',
  verify: 'found every byte as it was written.',
  drill: 'passed: what it restored is proven.',
  restore: 'is live. The data before it is kept.',
  'take-back': 'is live again, as it was before the restore.',
  unmerge: 'is taken back, where nobody changed its rows since.',
  tables: 'are back. What they were before stays in the schema of the review.',
}
const databaseMisses: { [job: string]: string } = {
  backup: 'did *not* work. The backups before it are as they were.',
  verify: 'did *not* find everything as it was written.',
  restore: 'is *not* in place. The data that was live before is kept.',
  'take-back': 'did *not* work. Both are kept.',
  unmerge: 'is *not* taken back. The tables are as they were.',
  tables: 'did *not* come back. The tables are as they were.',
  drill: 'did *not* pass. Nothing new is proven; the database itself was not touched.',
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

function missed(view: RunView, subject: Subject): string {
  const { database, environment, job, service, repair } = subject
  if (repair) return `${service} in *${environment}*: “${repair}” ${repairMissed(view)}`
  if (database) return `${capital(database)} in *${environment}* ${databaseMisses[job] ?? 'did *not* work.'}`
  return `${notReached(view, subject)} ${servesNow(view, subject)}`
}

/** An act that failed or was cut off may have had a part of its effect; one that was never begun has none. */
function repairMissed(view: RunView): string {
  const world = worldOf(view)
  const untouched = world.kind === 'before' && !world.acted
  return untouched ? 'was *not* done.' : 'did *not* work, or only in part. No release was changed.'
}

function notReached(view: RunView, { job, service, environment, to, instances }: Subject): string {
  const halfway = worldOf(view).kind === 'between'
  const version = to ? ` *${to}*` : ''
  if (halfway) return `${service}${version} stopped half-way in *${environment}*.`
  if (job === 'scale')
    return `${service} was *not* scaled to ${instances ?? 'another number of'} instances in *${environment}*.`
  if (job === 'rollback') return `${service} did *not* go back to *${to ?? 'the release before'}* in *${environment}*.`
  return `${service}${version} did *not* go live in *${environment}*.`
}

/** How long it took from the first change to the end; null when nothing was changed. */
export function took({ run }: RunView): string | null {
  return run.startedAt && run.endedAt ? duration(run.endedAt.getTime() - run.startedAt.getTime()) : null
}
