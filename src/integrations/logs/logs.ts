import { z } from 'zod'
import { shownDuration } from '../../releases/durations.js'
import { type Check, type CheckResult, defineCheck } from '../../runs/abilities.js'
import { createClients } from '../hosts/clients.js'
import { at, span } from '../watched/inputs.js'
import { notSetUp, type WatchedParts, type Watching } from '../watched/parts.js'
import { counted, cut } from '../watched/words.js'
import { errorLines, grouped } from './lines.js'
import { type LogEnd, logEnds } from './sources.js'

const input = z.object({ ...at, within: span.default(300_000) })

/** Reads the logs of a place and sorts what went wrong. */
export function createLogs(parts: WatchedParts): Watching {
  const clientsOf = createClients(parts.catalogue.targets, parts.secret, parts.log)
  const errors: Check = defineCheck<z.infer<typeof input>>({
    name: 'logs.errors',
    input,
    async run(given, { signal, clock }) {
      const logs = await logEnds(parts, clientsOf, given, signal)
      if (logs.length === 0) return notSetUp(given, 'logs')
      return errorsVerdict(logs, given.within, clock.now())
    },
  })
  return { checks: [errors], actions: [] }
}

/** Lines without any time count as new: better told once too often. */
export function errorsVerdict(logs: LogEnd[], within: number, now: Date): CheckResult {
  const since = now.getTime() - within
  const lines = logs.flatMap(({ text }) => errorLines(text)).filter(({ at }) => at === null || at.getTime() >= since)
  const silent = logs.filter(({ problem }) => problem !== null)
  const groups = grouped(lines)
  const details = {
    errors: groups.slice(0, 5).map(({ text, kind, count, last }) => {
      return { text: cut(text, 200), kind, count, last: last?.toISOString() ?? 'no time' }
    }),
    logs: logs.map(({ name, problem }) => problem ?? name),
  }
  const [most] = groups
  const figures = { value: lines.length, limit: 0, details, output: { errors: lines.length } }
  if (most)
    return {
      outcome: 'fail',
      summary: `${counted(lines.length, 'error')} in ${shownDuration(within)}, most of all (${most.count} ×, ${most.kind}): ${cut(most.text)}`,
      ...figures,
      next: nextFor[most.kind],
    }
  if (silent.length > 0)
    return { outcome: 'error', summary: `${silent[0]?.name} cannot be read: ${silent[0]?.problem}`, ...figures }
  return {
    outcome: 'pass',
    summary: `no error in ${counted(logs.length, 'log')} in ${shownDuration(within)}`,
    ...figures,
  }
}

const nextFor = {
  database: 'Look at the database: locks, connections, slow queries.',
  dependency: 'Look at the vendor or the service that it calls.',
  deploy: 'Look what was deployed last; rolling back may be the quickest.',
  machine: 'Look at disk, memory and open files of the host.',
  user: 'Look at who sends what: this may be a caller’s mistake.',
  unknown: 'Read the lines around it.',
}
