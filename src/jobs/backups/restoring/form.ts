import type { RestorePoint } from '../../../backups/backup.js'
import { isThere } from '../../../backups/known.js'
import type { Choice, Situation } from '../../../backups/restoring.js'
import { choiceOf, choicesOf, expectedDuration, windowOfLoss } from '../../../backups/restoring.js'
import { secondIn } from '../../../backups/window.js'
import type { Field, Form } from '../../../commands/reply.js'
import { readPoint } from '../../../commands/restore-point.js'
import { refused } from '../../../errors.js'
import { needs } from '../../../releases/approvals.js'
import { policyOf } from '../../../releases/backups/backup-policy.js'
import { swapWords } from '../../../releases/backups/restore-policy.js'
import { environmentOf } from '../../../releases/catalogue.js'
import type { Standing } from '../../../releases/people.js'
import { type DeskParts, knownNames } from '../../desk/parts.js'
import { where } from '../../desk/rights.js'
import { notSetUp } from './asked.js'
import { changesAt } from './changes.js'

export type RestoreValues = { [field: string]: string }

/** Which database, what it goes back to, what that costs, and its name typed once more. */
export async function restoreForm(parts: DeskParts, known: RestoreValues, standing: Standing | null): Promise<Form> {
  const environments = where(parts, 'restore', standing).map(({ name }) => name)
  // Files go back by hand, from where a drill shows that they can be had.
  const databases = knownNames(parts.catalogue).databases.filter(
    ({ name, environment }) => environments.includes(environment) && !policyOf(parts.catalogue, name)?.home,
  )
  const database = databases.find(({ name }) => name === known.database) ?? databases[0]
  if (!database) throw nowhere()
  const policy = policyOf(parts.catalogue, database.name)
  if (!policy?.restore) throw notSetUp(database.name)
  const { zone } = parts.catalogue
  // As the cards show it and as a moment is typed: two zones in one form would be an hour lost, or six.
  const situation = await situationOf(parts, database, zone)
  // A card of an incident knows when the trouble began: a choice among the others, not a text that outweighs them.
  const meant = momentOf(known.moment) ?? momentOf(known.point)
  const choices = [...(meant ? [choiceOf(meant, situation)] : []), ...choicesOf(situation)]
  const open = choices.filter(({ refused }) => refused === null).slice(0, most)
  const chosen = open.find((choice) => wordsOf(choice) === known.point) ?? open[0]
  const environment = environmentOf(parts.catalogue, database.environment)
  const bytes = situation.held.backups.at(-1)?.databaseBytes ?? 0
  const intro = [
    chosen ? `Goes back to ${chosen.title}: ${costOf(chosen, situation)}.` : 'Nothing can be brought back yet.',
    `Until it is back: ${expectedDuration(situation.drills, bytes)}.`,
    `It goes into a scratch server first and is looked at; ${swapWords(policy.restore, database.name)}. The data that is live now is kept.`,
    environment
      ? `Before it goes live, ${needs({ environment: environment.name, ...environment.approvals.restore })}.`
      : '',
    ...choices
      .filter(({ refused }) => refused !== null)
      .slice(0, 3)
      .map(({ title, refused }) => `Not ${title}: ${refused?.why}.`),
  ]
  return {
    name: 'restore',
    title: 'Bring data back',
    submit: 'Restore',
    intro: intro.filter(Boolean).join('\n'),
    fields: [
      {
        name: 'database',
        label: 'Database',
        value: database.name,
        refresh: true,
        options: databases.map(({ name }) => ({ value: name, label: name })),
      },
      ...(chosen ? [pointField(open, chosen, situation)] : []),
      {
        name: 'moment',
        label: 'Or another moment',
        hint: `Such as 14:02:11 or 2026-11-26 14:02:11. All times here are as clocks show them in ${zone}`,
        optional: true,
        ...(known.moment && !momentOf(known.moment) ? { value: known.moment } : {}),
      },
      ...tableFields(known),
      { name: 'confirmed', label: `Type ${database.name} to confirm` },
    ],
  }
}

/** Single tables instead of the whole database. */
const tableFields = (known: RestoreValues): Field[] => [
  {
    name: 'tables',
    label: 'Only these tables',
    hint: 'Such as orders, customers. Their rows come back while the application runs; left empty, the whole database goes back',
    optional: true,
    ...(known.tables && { value: known.tables }),
  },
  {
    name: 'merge',
    label: 'Which rows of them',
    value: known.merge === 'all' ? 'all' : 'gone',
    options: [
      { value: 'gone', label: 'Rows that are gone', description: 'What was changed since stays as it is now' },
      { value: 'all', label: 'Rows that are gone, and changed ones', description: 'Changed rows are set back too' },
    ],
  },
]

/** As it would be typed. */
export function restoreWords({
  database = '',
  point = '',
  moment = '',
  tables = '',
  merge = '',
}: RestoreValues): string[] {
  const when = (moment.trim() || point).split(' ')
  const named = tables.split(/[\s,]+/).filter((name) => name !== '')
  const words =
    named.length === 0
      ? [database, ...when]
      : ['tables', database, named.join(','), ...when, ...(merge === 'all' ? ['and', 'changes'] : [])]
  return words.filter((word) => word !== '')
}

/** A moment with its zone, as cards and choices carry it. */
function momentOf(words = ''): RestorePoint | null {
  const point = readPoint([words])
  return point?.kind === 'time' ? { kind: 'time', at: new Date(String(point.at)) } : null
}

const most = 40
const drillsLooked = 10

async function situationOf(
  parts: DeskParts,
  { name, ...place }: { name: string; service: string; environment: string },
  zone: string,
): Promise<Situation> {
  const { book } = parts.backups
  const [look, backups, drills, changes] = await Promise.all([
    book.look(name),
    book.backups(name, most),
    book.drills(name, drillsLooked),
    changesAt(parts.desk, place),
  ])
  const held = {
    backups: backups.filter(isThere).reverse(),
    spans: look?.spans ?? [],
    archive: look?.archive ?? null,
  }
  return { held, changes, drills, now: parts.clock.now(), shown: secondIn(zone) }
}

const costOf = ({ at, loss }: Choice, { now, shown }: Situation) => (at === null ? loss : windowOfLoss(at, now, shown))

function pointField(open: Choice[], chosen: Choice, { shown }: Situation): Field {
  return {
    name: 'point',
    label: 'Back to',
    value: wordsOf(chosen),
    refresh: true,
    options: open.map((choice) => ({
      value: wordsOf(choice),
      label: choice.title.slice(0, 75),
      description: [choice.at ? shown(choice.at) : null, choice.loss]
        .flatMap((one) => one ?? [])
        .join(', ')
        .slice(0, 75),
    })),
  }
}

/** What the terminal would take; a run's number says more than its moment. */
function wordsOf({ point, title }: Choice): string {
  const run = /^just before #(\d+) /.exec(title)?.[1]
  if (run) return `before ${run}`
  if (point.kind === 'time') return point.at.toISOString()
  if (point.kind === 'backup') return `backup ${point.label}`
  return point.kind === 'name' ? `name ${point.name}` : point.kind === 'lsn' ? `lsn ${point.lsn}` : 'latest'
}

const nowhere = () =>
  refused('may-not-anywhere', 'There is no database that you may restore.', {
    wanted: 'the right to restore where a database is backed up',
    came: 'none',
    next: 'Ask the operator for it; /ops help shows what you may do.',
  })
