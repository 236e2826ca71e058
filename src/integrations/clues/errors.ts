import { type Clue, notLooked } from '../../incidents/clues.js'
import type { Suspect } from '../../incidents/incident.js'
import { digestOf } from '../../json.js'
import { createClients } from '../hosts/clients.js'
import { type ErrorGroup, type ErrorKind, errorLines, grouped } from '../logs/lines.js'
import { logEnds } from '../logs/sources.js'
import { counted, cut } from '../watched/words.js'
import { type ClueParts, clueAt } from './asking.js'

/** Trouble begins before somebody says so. */
const leadMs = 15 * 60_000
const most = 3

/** Errors in the logs that were not there before. */
export function errorsClue(parts: ClueParts): Clue {
  const clientsOf = createClients(parts.catalogue.targets, parts.secret, parts.log)
  return clueAt('errors', async (at, scene, signal) => {
    const logs = await logEnds(parts, clientsOf, at, signal)
    if (logs.length === 0) return notLooked('not set up: no logs in the operator’s file')
    const readable = logs.filter(({ problem }) => problem === null)
    if (readable.length === 0) throw new Error(`${logs[0]?.name} cannot be read: ${logs[0]?.problem}`)
    const lines = readable.flatMap(({ text }) => errorLines(text))
    const from = scene.since.getTime() - leadMs
    const isRecent = (moment: Date | null) => moment === null || moment.getTime() >= from
    const before = new Set(lines.filter((line) => !isRecent(line.at)).map(({ print }) => print))
    const groups = grouped(lines.filter((line) => isRecent(line.at)))
    const suspects = groups.slice(0, most).map((group) => suspectOf(group, before.has(group.print)))
    return { suspects, impact: null, skipped: null }
  })
}

/** Where an error of this kind mostly comes from; by its words alone, so no more than a hint. */
const sounds: { [kind in ErrorKind]: string } = {
  database: '; it sounds like the database',
  dependency: '; it sounds like an outside service',
  deploy: '; it sounds like the release',
  machine: '; it sounds like the machine',
  user: '; it sounds like what visitors sent',
  unknown: '',
}

function suspectOf({ print, text, kind, count, first, last }: ErrorGroup, known: boolean): Suspect {
  const times = last ? [`last at ${last.toISOString()}`] : []
  return {
    key: `error:${digestOf(print).slice(0, 12)}`,
    kind: 'error',
    text: `${known ? '' : 'new '}error: ${cut(text, 100)}`,
    evidence: [`${counted(count, 'time', 'times')} in the logs${sounds[kind]}`, ...times],
    score: known ? 0.3 : count >= 5 ? 0.6 : 0.5,
    at: first,
    run: null,
  }
}
