import { expect, test } from 'vitest'
import { parseRoutines } from '../../../src/commands/ops/routines.js'

const parsed = (words: string) => parseRoutines(words.split(' ').filter(Boolean))

test.each(['', 'list', 'due'])('"%s" asks for the calendar', (words) => {
  expect(parsed(words)).toEqual({ kind: 'query', query: { name: 'routines' } })
})

test.each([
  ['done certificates', { as: 'done', routine: 'certificates', note: '' }],
  ['Done Certificates all good until March', { as: 'done', routine: 'certificates', note: 'all good until March' }],
  ['skip keys because no time', { as: 'skipped', routine: 'keys', note: 'no time' }],
  ['skip keys no time', { as: 'skipped', routine: 'keys', note: 'no time' }],
])('"%s" says what became of one', (words, act) => {
  expect(parsed(words)).toEqual({ kind: 'act', act: { name: 'routine', ...act } })
})

test.each([
  ['done', 'Say which one, by its name.'],
  ['skip keys', 'Say why: it stands beside it in the channel.'],
  ['skip keys because', 'Say why: it stands beside it in the channel.'],
  ['finish keys', 'A routine can be done or skipped, not "finish".'],
])('"%s" is answered with what is missing and an example', (words, text) => {
  expect(parsed(words)).toMatchObject({ kind: 'problem', text, example: expect.stringMatching(/^\/ops routines /) })
})
