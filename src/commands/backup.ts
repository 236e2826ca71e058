import type { BackupKind } from '../backups/backup.js'
import { nearest } from '../releases/nearest.js'
import type { Command, Known, Parsed } from './command.js'
import { cut, problem } from './place.js'

const example = '/backup shop full'

/** Taking backups, and looking at them. Without a kind: an increment, which is quick and enough to come back to now. */
export const backup: Command = {
  name: 'backup',
  summary: 'Back up a database, or see how its backups stand',
  usages: [
    {
      usage: '/backup [database] [full|incremental]',
      summary: 'Take a backup now and read it back; an increment when no kind is named',
      example,
      right: 'backup',
    },
    {
      usage: '/backup status [database]',
      summary: 'What can be recovered, what is proven, what comes next, and what is wrong',
      example: '/backup status',
      right: 'view',
    },
    {
      usage: '/backup list [database]',
      summary: 'Every backup with its size and its proof',
      example: '/backup list shop',
      right: 'view',
    },
    {
      usage: '/backup verify [database]',
      summary: 'Read back every byte that is stored',
      example: '/backup verify shop',
      right: 'backup',
    },
    {
      usage: '/backup schedule [database]',
      summary: 'What is done by itself, and when next',
      example: '/backup schedule',
      right: 'view',
    },
    {
      usage: '/backup handbook [database]',
      summary:
        'How each comes back, by hand too: what is meant to be, what is there, what drills measured, whom to call',
      example: '/backup handbook',
      right: 'view',
    },
  ],
  parse: ([first = '', ...rest], known) => {
    const look = looks.find((name) => name === first.toLowerCase())
    if (look) return parseLook(look, rest, known)
    if (/^verify$/i.test(first)) return onDatabase(rest, known, '/backup verify shop', (one) => verifying(one))
    return parseTake(first === '' ? [] : [first, ...rest], known)
  },
}

const looks = ['status', 'list', 'schedule', 'handbook'] as const

const kinds: [pattern: RegExp, kind: BackupKind][] = [
  [/^full$/i, 'full'],
  [/^(incremental|increment|incr|inc)$/i, 'incremental'],
  [/^(differential|diff)$/i, 'differential'],
]
const kindOf = (word: string): BackupKind | undefined => kinds.find(([pattern]) => pattern.test(word))?.[1]

function parseTake(words: string[], known: Known): Parsed {
  const named = words.flatMap((word) => kindOf(word) ?? [])
  if (new Set(named).size > 1) return problem(`Which kind: ${named.join(' or ')}?`, example)
  const rest = words.filter((word) => kindOf(word) === undefined)
  return onDatabase(rest, known, example, ({ name: database, service, environment }) => {
    const input = { database, kind: named[0] ?? 'incremental' }
    return { kind: 'intent', intent: { job: 'backup', service, environment, input } }
  })
}

function parseLook(what: (typeof looks)[number], words: string[], known: Known): Parsed {
  if (words.length === 0 && (what !== 'list' || known.databases.length !== 1))
    return what === 'list' && known.databases.length > 0
      ? whichOne(known, '/backup list shop')
      : { kind: 'query', query: { name: 'backups', what } }
  return onDatabase(words, known, `/backup ${what} shop`, ({ name: database }) => ({
    kind: 'query',
    query: { name: 'backups', what, database },
  }))
}

const verifying = ({ name: database, service, environment }: KnownDatabase): Parsed => ({
  kind: 'intent',
  intent: { job: 'verify', service, environment, input: { database } },
})

export type KnownDatabase = Known['databases'][number]

/** The database that is named, or the only one. Words such as "of" or "the" say nothing. */
export function onDatabase(
  words: string[],
  known: Known,
  said: string,
  then: (database: KnownDatabase) => Parsed,
): Parsed {
  const [word, extra] = words.filter((one) => !/^(of|the|database|db)$/i.test(one))
  const names = known.databases.map(({ name }) => name)
  if (names.length === 0)
    return problem('The operator’s file backs up no database; docs/operations/backups.md says how one is added.', said)
  if (word === undefined) {
    const [only] = known.databases
    return only && known.databases.length === 1 ? then(only) : whichOne(known, said)
  }
  const found = known.databases.find(({ name }) => name === word.toLowerCase())
  if (found && extra !== undefined) return problem(`I do not know what "${cut(extra)}" is.`, said)
  if (found) return then(found)
  const meant = nearest(word, [...names, ...looks, 'verify', 'full', 'incremental'])
  const hint = meant ? `Did you mean ${meant}?` : `There are: ${names.join(', ')}.`
  return problem(`There is no database "${cut(word)}" that is backed up. ${hint}`, said)
}

const whichOne = (known: Known, said: string): Parsed =>
  problem(`Say which database: ${known.databases.map(({ name }) => name).join(' or ')}.`, said)
