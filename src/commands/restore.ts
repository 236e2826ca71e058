import { type KnownDatabase, onDatabase } from './backup.js'
import type { Command, Known, Parsed } from './command.js'
import { cut, problem } from './place.js'
import { readPoint } from './restore-point.js'

const example = '/restore shop before 482'

/** Bringing data back, taking that back, and rehearsing it. */
export const restore: Command = {
  name: 'restore',
  summary: 'Bring data back, or rehearse it',
  wordsAsOptions: true,
  usages: [
    {
      usage: '/restore [database] <moment | before 482 | name … | latest>',
      summary:
        'Into a scratch first, verified, signed off by others, then in the place of the live data, which is kept',
      example,
      right: 'restore',
    },
    {
      usage: '/restore tables [database] <tables> <moment> [and changes]',
      summary:
        'Rows that are gone come back into their tables, once others saw them; changed ones are set back when asked',
      example: '/restore tables shop orders,customers before 482',
      right: 'restore',
    },
    {
      usage: '/restore undo <number> [database]',
      summary: 'Put back the data that a restore replaced, or take the rows out again that a merge brought back',
      example: '/restore undo 490 shop',
      right: 'restore',
    },
    {
      usage: '/restore drill [database]',
      summary: 'Restore the latest backup into a scratch server, look at it, measure, and destroy it',
      example: '/restore drill shop',
      right: 'backup',
    },
  ],
  parse: ([first = '', ...rest], known) => {
    if (/^(drill|rehearse)$/i.test(first)) return onDatabase(rest, known, '/restore drill shop', drilled)
    if (/^(undo|take-back)$/i.test(first)) return parseUndo(rest, known)
    if (/^tables?$/i.test(first)) return parseTables(rest, known)
    return parseRestore(first === '' ? [] : [first, ...rest], known)
  },
}

const drilled = ({ name: database, service, environment }: KnownDatabase): Parsed => ({
  kind: 'intent',
  intent: { job: 'drill', service, environment, input: { database } },
})

function parseUndo(words: string[], known: Known): Parsed {
  const said = '/restore undo 490 shop'
  const [number, ...more] = words.filter((word) => /^#?\d+$/.test(word))
  if (number === undefined || more.length > 0) return problem('Say the number of the restore to take back.', said)
  const rest = words.filter((word) => word !== number)
  return onDatabase(rest, known, said, ({ name: database, service, environment }) => ({
    kind: 'intent',
    intent: { job: 'take-back', service, environment, input: { database, of: Number(number.replace('#', '')) } },
  }))
}

const tablesSaid = '/restore tables shop orders,customers before 482'

/** Names of tables, then the moment: the first word that begins one ends the names. */
function parseTables(words: string[], known: Known): Parsed {
  const names = known.databases.map(({ name }) => name)
  const [first = '', ...rest] = words
  if (/^shipmate$/i.test(first)) return ownData()
  const named = names.includes(first.toLowerCase()) ? [first] : []
  const said = (named.length > 0 ? rest : words).filter((word) => !/^(--|and|with|of)$/i.test(word))
  const asked = said.filter((word) => !changes.test(word))
  const ends = asked.findIndex((_, at) => at > 0 && readPoint(asked.slice(at)) !== null)
  const point = ends < 0 ? null : readPoint(asked.slice(ends))
  const tables = asked
    .slice(0, Math.max(0, ends))
    .flatMap((word) => word.split(','))
    .filter((word) => word !== '')
  if (point === null || tables.length === 0)
    return problem('Say which tables, and what moment they go back to.', tablesSaid)
  const odd = tables.find((table) => !tableName.test(table))
  if (odd !== undefined) return problem(`"${cut(odd)}" is no name of a table.`, tablesSaid)
  if (tables.length > mostTables) return problem(`At most ${mostTables} tables at once.`, tablesSaid)
  const merge = asked.length < said.length ? 'all' : 'gone'
  return onDatabase(named, known, tablesSaid, ({ name: database, service, environment }) => ({
    kind: 'intent',
    intent: { job: 'tables', service, environment, input: { database, point, tables, merge } },
  }))
}

const changes = /^(--)?changes$/i
const tableName = /^("[^"]{1,63}"|[\p{L}_][\p{L}\p{N}_$]{0,62})(\.("[^"]{1,63}"|[\p{L}_][\p{L}\p{N}_$]{0,62}))?$/u
const mostTables = 20

/** The database may be left out where there is only one: then the words begin with the point. */
function parseRestore(words: string[], known: Known): Parsed {
  const names = known.databases.map(({ name }) => name)
  const [first = '', ...rest] = words
  if (/^shipmate$/i.test(first)) return ownData()
  const named = names.includes(first.toLowerCase()) ? [first] : []
  const point = readPoint(named.length > 0 ? rest : words)
  if (point === null && words.length > named.length)
    return named.length === 0 && (known.databases.length !== 1 || readPoint(rest) !== null)
      ? onDatabase([first], known, example, () => problem('Say what to go back to.', example))
      : unreadable(words.slice(named.length), named.length > 0)
  if (words.length === 0 && known.databases.length > 0) return { kind: 'form', form: 'restore', known: knownOf(known) }
  return onDatabase(named, known, example, ({ name: database, service, environment }) =>
    point === null
      ? { kind: 'form', form: 'restore', known: { database } }
      : { kind: 'intent', intent: { job: 'restore', service, environment, input: { database, point } } },
  )
}

function unreadable(words: string[], afterDatabase: boolean): Parsed {
  const said = cut(words.join(' '))
  if (afterDatabase || words.length > 1) return problem(`I cannot read "${said}" as a moment.`, example)
  return problem(`"${said}" is neither a database that is backed up nor a moment.`, example)
}

/** Nobody can put the data of whoever carries the run into place. */
const ownData = () =>
  problem(
    'Shipmate’s own database is not restored from here: stop Shipmate, then run npx shipmate restore-self on its machine. docs/operations/restore-self.md says how.',
    '/restore drill shipmate',
  )

/** The only one is meant. */
const knownOf = ({ databases: [first, ...more] }: Known): { [field: string]: string } =>
  first && more.length === 0 ? { database: first.name } : {}
