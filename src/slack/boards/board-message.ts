import type { RunId, RunState, RunView } from '../../runs/run.js'
import { isEnded } from '../../runs/step.js'
import { type Message, message, section } from '../blocks.js'
import { headLine, isLockWait } from '../cards/head.js'
import { openAsk, workOf } from '../cards/parts-of-run.js'
import { lights } from '../cards/signs.js'
import { changeOf, drillMark, subjectOf, unstarred } from '../cards/subject.js'
import { momentToken } from '../moment.js'
import { list, plural, quote } from '../text.js'

/** How many runs of a channel are in which state; told on its first board alone. */
export type Counts = { people: RunId[]; working: number; waiting: number }

export type BoardScene = {
  live: RunView[]
  /** Ended, and their own cards do not say so yet. */
  ended: RunView[]
  /** Null on all boards of a channel but its first. */
  counts: Counts | null
}

const linesOfSection = 20
const endsOfLine = 20

/** One message that shows many runs, a line each, those that wait for people first: drawn whole from their rows. */
export function boardMessage({ live, ended, counts }: BoardScene, now: Date): Message {
  const head = counts ? countsLine(counts) : `${lights.working} *${plural(live.length, 'more run')}*`
  const lines = [...live].sort((a, b) => urgency(a) - urgency(b) || a.run.id - b.run.id).map(lineOf)
  const text = unstarred(head).replace(/^\S+ /, '')
  return message(text, [
    section(head, counts ? peopleLine(counts.people) : null),
    ...inGroups(lines, linesOfSection).map((group) => section(...group)),
    ...inGroups(endLines(ended), linesOfSection).map((group) => section(...group)),
    section(`As of ${momentToken(now, now)}. Each run’s own card has its buttons and says how it ended.`),
  ])
}

/** What is left of a board when its runs are told by their own cards. */
export function endedBoard(now: Date): Message {
  const text = 'This board has ended: few runs are left.'
  return message(text, [
    section(`${lights.still} *${text}*`, `Each run’s own card says how it went. Ended ${momentToken(now, now)}.`),
  ])
}

export function countsOf(live: RunView[]): Counts {
  const people = live.filter((view) => openAsk(view) !== null).map(({ run }) => run.id)
  const working = live.filter(({ run }) => run.state === 'running' || run.state === 'undoing').length
  return { people, working, waiting: live.length - people.length - working }
}

/** What needs people first. */
function urgency(view: RunView): number {
  if (openAsk(view)) return 0
  if (view.run.state === 'undoing' || view.run.stopRequested) return 1
  if (isLockWait(view)) return 2
  const calm: RunState[] = ['running', 'waiting', 'planning', 'queued']
  return 3 + calm.indexOf(view.run.state)
}

function lineOf(view: RunView): string {
  return [headLine(view), ...progressOf(view), `#${view.run.id}`].join(' · ')
}

/** "5 of 7 · 50 % on green": how far the run is, and how far its step. */
function progressOf(view: RunView): string[] {
  if (view.run.state !== 'running') return []
  const work = workOf(view)
  const current = work.find(({ state }) => state === 'running')
  const ended = work.filter(({ state }) => isEnded(state)).length
  const position = `${Math.min(work.length, ended + (current ? 1 : 0))} of ${work.length}`
  const words = quote(current?.progress?.text ?? '', 40)
  return [...(work.length > 0 ? [position] : []), ...(words ? [words] : [])]
}

function countsLine({ people, working, waiting }: Counts): string {
  const parts = [
    people.length > 0 ? `${people.length} ${people.length === 1 ? 'waits' : 'wait'} for people` : null,
    working > 0 ? `${working} at work` : null,
    waiting > 0 ? `${waiting} in line` : null,
  ].filter((part) => part !== null)
  const sign = people.length > 0 ? lights.people : lights.working
  return [`${sign} *${plural(people.length + working + waiting, 'run')}*`, ...parts].join(' · ')
}

function peopleLine(people: RunId[]): string | null {
  if (people.length === 0) return null
  const shown = people.slice(0, endsOfLine).map((id) => `#${id}`)
  const more = people.length - shown.length
  return `Waiting for people: ${list(more > 0 ? [...shown, `${more} more`] : shown)}.`
}

/** What went wrong is told with its line, what is done by its number: those are many and need nobody. */
function endLines(ended: RunView[]): string[] {
  const sorted = [...ended].sort((a, b) => a.run.id - b.run.id)
  const bad = sorted.filter(({ run }) => run.state !== 'done')
  const told = bad.slice(0, endsOfLine)
  return [
    ...told.map(
      (view) =>
        `${lights.failed} ${drillMark(view.run)}${changeOf(subjectOf(view.run))} · ${view.run.state} · #${view.run.id}`,
    ),
    ...inGroups(bad.slice(told.length), endsOfLine).map((group) => `${lights.failed} not done: ${numbers(group)}`),
    ...inGroups(
      sorted.filter(({ run }) => run.state === 'done'),
      endsOfLine,
    ).map((group) => `${lights.done} done: ${numbers(group)}`),
  ]
}

const numbers = (views: RunView[]): string => views.map(({ run }) => `#${run.id}`).join(', ')

function inGroups<T>(items: T[], size: number): T[][] {
  return items.length === 0 ? [] : [items.slice(0, size), ...inGroups(items.slice(size), size)]
}
