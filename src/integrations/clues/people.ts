import { z } from 'zod'
import { type Clue, type Found, notLooked } from '../../incidents/clues.js'
import type { Impact } from '../../incidents/incident.js'
import { shownDuration } from '../../releases/durations.js'
import type { WatchedImpact } from '../../releases/watch.js'
import { looking, type Sql } from '../postgres/connection.js'
import { databaseAt } from '../postgres/database-check.js'
import { databaseError } from '../postgres/problems.js'
import { watchAt } from '../watched/parts.js'
import { percent } from '../watched/words.js'
import { type ClueParts, clueAt } from './asking.js'

type Window = { from: Date; to: Date }
type Counted = { name: string; now: number; usual: number | null }

/**
 * How many people it hits, and what it costs, by the operator's own questions to the database of the service: people hit
 * and all since it began, and counts of the last minutes against those of the same minutes at usual times.
 */
export const peopleClue = (parts: ClueParts): Clue =>
  clueAt('people', async (at, { since, now }, signal): Promise<Found> => {
    const asked = watchAt(parts, at)?.impact
    const database = databaseAt(parts, at)
    if (!asked || database === null) return notLooked('not set up: no impact in the operator’s file')
    const latest = { from: new Date(now.getTime() - asked.window), to: now }
    const begun = { from: since < latest.from ? since : latest.from, to: now }
    const told: Told = { people: null, counts: [], untold: [] }
    const questions = questionsOf(asked, begun, latest, told)
    const untold = (name: string, thrown: unknown) =>
      told.untold.push(
        `${name} could not be counted: ${signal.aborted ? 'it took too long' : databaseError(database.name, thrown).message}`,
      )
    try {
      await looking(parts, database, signal, async (sql) => {
        // One after another over one connection: a database in trouble is not asked by many at once.
        for (let next = questions.shift(); next; next = questions.shift()) {
          const { name, ask } = next
          await ask(sql).catch((thrown) => untold(name, thrown))
          signal.throwIfAborted()
        }
      })
    } catch (thrown) {
      // What was told by then counts, although there was no time for the rest.
      if (told.people === null && told.counts.length === 0) throw thrown
      for (const { name } of questions) untold(name, thrown)
    }
    if (told.people === null && told.counts.length === 0 && told.untold.length > 0)
      throw new Error(told.untold.join('; '))
    return { suspects: [], impact: impactOfPeople(told.people, told.counts, asked.window, told.untold), skipped: null }
  })

type Told = { people: { hit: number; all: number } | null; counts: Counted[]; untold: string[] }

/** Each question by itself, so that one that breaks hides no other. */
function questionsOf(asked: WatchedImpact, begun: Window, latest: Window, told: Told) {
  const { users } = asked
  const people = async (sql: Sql) => {
    if (users) told.people = await peopleIn(sql, users, begun)
  }
  const counts = Object.entries(asked.counts).map(([name, text]) => ({
    name,
    ask: async (sql: Sql) => void told.counts.push(await countedOf(sql, name, text, latest, asked.usual)),
  }))
  return [...(users ? [{ name: 'people', ask: people }] : []), ...counts]
}

/** Numbers come as text where they are large; a sum of nothing is none. */
const figure = z.coerce.number()

/** Inside another question its columns have our names, whatever they are called, and it cannot write. */
const within = (text: string, columns: string) => `select * from (${text.replace(/;\s*$/, '')}) as asked (${columns})`

async function peopleIn(sql: Sql, text: string, { from, to }: Window): Promise<{ hit: number; all: number } | null> {
  const row = z.object({ hit: figure, everybody: figure })
  const [found] = await sql(within(text, 'hit, everybody'), row, [from, to])
  return found ? { hit: found.hit, all: found.everybody } : null
}

async function countIn(sql: Sql, text: string, { from, to }: Window): Promise<number> {
  const [found] = await sql(within(text, 'figure'), z.object({ figure }), [from, to])
  return found?.figure ?? 0
}

async function countedOf(
  sql: Sql,
  name: string,
  text: string,
  window: Window,
  usual: WatchedImpact['usual'],
): Promise<Counted> {
  const earlier: number[] = []
  for (const ago of usual) {
    const before = (moment: Date) => new Date(moment.getTime() - ago)
    earlier.push(await countIn(sql, text, { from: before(window.from), to: before(window.to) }))
  }
  const known = earlier.filter((count) => count > 0).sort((a, b) => a - b)
  return { name, now: await countIn(sql, text, window), usual: known[Math.floor(known.length / 2)] ?? null }
}

/** Half of what is usual is worth a sentence; less of a change may be chance. */
const much = 2

/** `window`: milliseconds that were counted; `untold`: what could not be. Users without anybody are unknown, not nobody. */
export function impactOfPeople(
  people: { hit: number; all: number } | null,
  counts: Counted[],
  window: number,
  untold: string[] = [],
): Impact | null {
  const share = people && people.all > 0 ? people.hit / people.all : null
  const inWindow = `in ${shownDuration(window)}`
  const counted = counts.map(({ name, now, usual }) => {
    const than = usual === null ? 'what is usual is not known yet' : `usually ${shown(usual)}`
    return { text: `${name} ${shown(now)} ${inWindow}, ${than}`, isLow: usual !== null && now * much <= usual }
  })
  const hit =
    share === null || people === null ? [] : [`${people.hit} of ${people.all} people (${percent(share)}) are hit`]
  const evidence = [...hit, ...counted.map(({ text }) => text)]
  if (evidence.length === 0) return null
  const words = [...(share === 0 ? [] : hit), ...counted.flatMap(({ text, isLow }) => (isLow ? [text] : []))]
  return { text: words.join('; '), requests: null, users: share, since: null, evidence: [...evidence, ...untold] }
}

const shown = (value: number) => String(Number(value.toFixed(2)))
