import { expect, test } from 'vitest'
import { backup } from '../../src/commands/backup.js'
import type { Known } from '../../src/commands/command.js'
import { restore } from '../../src/commands/restore.js'
import { known } from './known.js'

const two: Known = {
  ...known,
  databases: [...known.databases, { name: 'billing', service: 'blog', environment: 'prod' }],
}
const none: Known = { ...known, databases: [] }
const place = { service: 'storefront', environment: 'prod' }
const taking = (kind: string) => ({
  kind: 'intent',
  intent: { job: 'backup', ...place, input: { database: 'shop', kind } },
})

test.each([
  ['', 'incremental'],
  ['shop', 'incremental'],
  ['full', 'full'],
  ['shop full', 'full'],
  ['Full SHOP', 'full'],
  ['incr of shop', 'incremental'],
  ['the shop database diff', 'differential'],
])('"/backup %s" takes a(n) %2$s one of the only database', (words, kind) => {
  expect(backup.parse(words.split(' ').filter(Boolean), known)).toEqual(taking(kind))
})

test.each([
  ['status', { name: 'backups', what: 'status' }],
  ['status shop', { name: 'backups', what: 'status', database: 'shop' }],
  ['list', { name: 'backups', what: 'list', database: 'shop' }],
  ['schedule', { name: 'backups', what: 'schedule' }],
])('"/backup %s" only looks', (words, query) => {
  expect(backup.parse(words.split(' '), known)).toEqual({ kind: 'query', query })
})

test('reading back and rehearsing are runs of the database', () => {
  const run = (job: string) => ({ kind: 'intent', intent: { job, ...place, input: { database: 'shop' } } })
  expect(backup.parse(['verify'], known)).toEqual(run('verify'))
  expect(restore.parse(['drill', 'shop'], known)).toEqual(run('drill'))
  expect(restore.parse(['drill'], known)).toEqual(run('drill'))
})

test.each([
  [backup, 'full', two, 'Say which database: shop or billing.'],
  [backup, 'list', two, 'Say which database: shop or billing.'],
  [restore, 'drill', two, 'Say which database: shop or billing.'],
  [backup, 'shpo', known, 'There is no database "shpo" that is backed up. Did you mean shop?'],
  [backup, 'statsu', known, 'There is no database "statsu" that is backed up. Did you mean status?'],
  [backup, 'shop prod', known, 'I do not know what "prod" is.'],
  [backup, 'full incremental', known, 'Which kind: full or incremental?'],
  [backup, 'full', none, 'The operator’s file backs up no database; docs/operations/backups.md says how one is added.'],
])('%o "%s" is answered with one helpful line', (command, words, names, text) => {
  expect(command.parse(words.split(' ').filter(Boolean), names)).toMatchObject({ kind: 'problem', text })
})
