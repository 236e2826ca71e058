import type { Migration } from '../../releases/release.js'
import { changeAddress } from '../../releases/repository.js'
import type { Change, Headline } from '../../runs/plan.js'
import { type Actor, hasEnded, type RunRecord, type RunView } from '../../runs/run.js'
import { momentToken } from '../moment.js'
import { dateToken, link, list, plural, quote } from '../text.js'
import { aloneOf, countedAnswers } from './approvals.js'
import { isGlass } from './glass.js'
import { signOffsOf } from './parts-of-run.js'
import { signs } from './signs.js'
import { nameOf } from './subject.js'

const changesOnCard = 3

/** Who asked and approved, what it brings, how risky it is; small, below the head. */
export function factLines(view: RunView, now: Date): string[] {
  const { run } = view
  const headline = run.plan?.headline
  const people = [
    `#${run.id} · asked by ${nameOf(run.requestedBy)}${via(run)}`,
    approvedFact(view),
    takenOverFact(run),
    timeFact(view, now),
  ].filter((fact) => fact !== null)
  if (!headline) return [people.join(' · ')]
  // Why stands above.
  if (isGlass(view))
    return [
      people.join(' · '),
      headline.notes
        .slice(0, 2)
        .map((note) => quote(note, 120))
        .join(' · '),
    ]
  const brings = [
    changesFact(headline.changes),
    migrationsFact(headline.migrations),
    run.state === 'done' ? null : `risk: ${headline.risk}`,
  ].filter((fact) => fact !== null)
  // What a restore was expected to lose and to take is no news once it is done.
  const told = run.state === 'done' && run.intent.job === 'restore' ? headline.notes.slice(0, 1) : headline.notes
  const notes = told.map((note) => quote(note, 120))
  const plan = hasEnded(run.state) ? '' : planFact(run, headline)
  return [people.join(' · '), brings.join(' · '), notes.join(' · '), plan]
}

/** Once the question is closed, who approved what ran. */
function approvedFact(view: RunView): string | null {
  const closed = signOffsOf(view).filter(({ state }) => state === 'passed')
  const names = closed.flatMap((ask) => countedAnswers(view, ask)).filter(({ answer }) => answer !== 'reject')
  if (names.length === 0) return null
  const away = names.find(({ person }) => person.memberList)?.person
  return `approved by ${list(names.map((answer) => `${nameOf(answer.person)}${aloneOf(answer)}`))}${away ? whileAway(away) : ''}`
}

/** The first changes with their authors, while people still decide; the others stand in the details. */
export function changeLines({ run }: RunView): string[] {
  const changes = run.plan?.headline.changes ?? []
  if (changes.length === 0 || hasEnded(run.state)) return []
  const repository = run.plan?.headline.links?.repository
  const shown = changes.slice(0, changesOnCard).map((change) => changeLine(change, 40, repository))
  const more = changes.length - shown.length
  return ['*Changes*', ...shown, ...(more > 0 ? [`… and ${plural(more, 'more commit')} in Details`] : [])]
}

/** Its commit, linked where the repository is known, what it says and whose it is. */
export function changeLine({ sha, subject, author }: Change, most: number, repository?: string): string {
  const short = sha.slice(0, 7)
  const commit = repository ? link(changeAddress(repository, { sha }), short) : `\`${quote(short, 7)}\``
  return `${commit} ${quote(subject, most)} – ${quote(author, 30)}`
}

export function migrationLine({ name, what, safe }: Migration): string {
  return `${safe ? signs.done : signs.warning} ${quote(name, 60)}: ${quote(what, 120)} (${safe ? 'safe to roll back over' : 'an older version may not run on it'})`
}

function changesFact(changes: Change[]): string | null {
  if (changes.length === 0) return null
  const people = new Set(changes.map(({ author }) => author)).size
  return `${plural(changes.length, 'commit')} by ${plural(people, 'person', 'people')}`
}

function migrationsFact(migrations: Headline['migrations']): string | null {
  // What takes something away is named whatever else comes along.
  const told = migrations.find(({ safe }) => !safe) ?? migrations[0]
  if (!told) return null
  const safety = told.safe ? 'safe' : 'not safe to roll back over'
  const alone = migrations.length === 1 || migrations.filter(({ safe }) => !safe).length === 1
  const what = `${told.safe ? '' : `${signs.warning} `}${alone ? `${quote(told.what, 60)}, ` : ''}`
  return `${plural(migrations.length, 'migration')} (${what}${safety})`
}

function planFact(run: RunRecord, { from, to, links }: Headline): string {
  const words = from && to && from !== to ? `Compare ${from}…${to}` : null
  const compare = words ? `${links?.compare ? link(links.compare, words, 90) : quote(words, 90)} · ` : ''
  const digest = run.plan?.digest ?? ''
  return `${compare}plan ${digest.slice(0, 4)}…${digest.slice(-2)}`
}

function via(run: RunRecord): string {
  const parent = run.parent === null ? '' : ` after #${run.parent}`
  if (run.requestedBy.memberList) return `${whileAway(run.requestedBy)}${parent}`
  return run.via === 'terminal' ? ` from the terminal${parent}` : parent
}

/** Decided in the terminal while Slack could not be reached, by the list that it gave before. */
function whileAway({ memberList }: Actor): string {
  const at = new Date(memberList ?? 0)
  return ` from the terminal while Slack was away (member list of ${dateToken(at, 'time')})`
}

/** No Shipmate was there, so a person did it. */
function takenOverFact({ takenOver }: RunRecord): string | null {
  if (!takenOver) return null
  return `carried on by ${nameOf(takenOver.by)} from a terminal: ${quote(takenOver.reason, 120)}`
}

/** When it began and ended, in the reader's own time zone. */
function timeFact({ run }: RunView, now: Date): string | null {
  if (run.endedAt) return `ended ${momentToken(run.endedAt, now)}`
  return run.startedAt ? `started ${momentToken(run.startedAt, now)}` : null
}
