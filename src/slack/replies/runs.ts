import type { RunRecord } from '../../runs/run.js'
import { type Message, message, section } from '../blocks.js'
import { signs } from '../cards/signs.js'
import { changeOf, drillMark, nameOf, subjectOf } from '../cards/subject.js'
import { momentToken } from '../moment.js'
import { quote } from '../text.js'

/** Runs, one line each. */
export function runsMessage(title: string, runs: RunRecord[], now: Date): Message {
  const lines = runs.slice(0, 20).map((run) => runLine(run, now))
  const more = runs.length - lines.length
  return message(quote(title, 100), [
    section(
      `*${quote(title, 100)}*`,
      ...(lines.length > 0 ? lines : ['There are none.']),
      more > 0 ? `… and ${more} more` : null,
    ),
  ])
}

/** "✓ #482 storefront *v1.8.0* → *prod* · done · Ada, 14:20". */
export function runLine(run: RunRecord, now: Date): string {
  const when = momentToken(run.endedAt ?? run.startedAt ?? run.createdAt, now)
  const state = run.stopRequested && !run.endedAt ? 'stopping' : run.state
  return `${stateSign(run)} #${run.id} ${drillMark(run)}${changeOf(subjectOf(run))} · ${state} · ${nameOf(run.requestedBy)}, ${when}`
}

function stateSign({ state }: RunRecord): string {
  switch (state) {
    case 'done':
      return signs.done
    case 'undone':
    case 'undoing':
      return signs.undone
    case 'queued':
      return signs.coming
    case 'waiting':
      return signs.people
    case 'planning':
    case 'running':
      return signs.running
    case 'stopped':
      return signs.skipped
    default:
      return signs.failed
  }
}
