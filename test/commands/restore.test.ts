import { describe, expect, test } from 'vitest'
import { restore } from '../../src/commands/restore.js'
import { known } from './known.js'

const parsed = (words: string) => restore.parse(words === '' ? [] : words.split(' '), known)
const place = { service: 'storefront', environment: 'prod' }
const restored = (point: object) => ({
  kind: 'intent',
  intent: { job: 'restore', ...place, input: { database: 'shop', point } },
})

describe('/restore', () => {
  test.each([
    ['shop latest', { kind: 'latest' }],
    ['shop before 482', { kind: 'before', run: 482 }],
    ['shop just before #482', { kind: 'before', run: 482 }],
    ['shop --before 482', { kind: 'before', run: 482 }],
    ['shop --before=482', { kind: 'before', run: 482 }],
    ['before 482', { kind: 'before', run: 482 }],
    ['shop name before-exam', { kind: 'name', name: 'before-exam' }],
    ['shop --name before-exam', { kind: 'name', name: 'before-exam' }],
    ['shop backup 20261126-031200F', { kind: 'backup', label: '20261126-031200F' }],
    ['shop lsn 0/3000028', { kind: 'lsn', lsn: '0/3000028' }],
    ['shop 2026-11-26T14:02:11Z', { kind: 'time', at: '2026-11-26T14:02:11.000Z' }],
    ['shop --at 2026-11-26 14:02:11+01:00', { kind: 'time', at: '2026-11-26T13:02:11.000Z' }],
    ['shop to 14:02:11', { kind: 'clock', day: null, time: '14:02:11' }],
    ['shop 2026-11-26 9:05', { kind: 'clock', day: '2026-11-26', time: '09:05' }],
  ])('"%s" says what the data goes back to', (words, point) => {
    expect(parsed(words)).toEqual(restored(point))
  })

  test('the way back names the run, a drill the database', () => {
    const input = { database: 'shop', of: 490 }
    expect(parsed('undo #490')).toEqual({ kind: 'intent', intent: { job: 'take-back', ...place, input } })
    expect(parsed('drill')).toMatchObject({ kind: 'intent', intent: { job: 'drill' } })
    expect(parsed('undo shop')).toMatchObject({ kind: 'problem' })
  })

  test.each([
    ['tables shop orders before 482', ['orders'], 'gone'],
    ['tables orders,customers before 482', ['orders', 'customers'], 'gone'],
    ['tables shop orders, sales.Items and customers before #482', ['orders', 'sales.Items', 'customers'], 'gone'],
    ['tables shop orders before 482 and changes', ['orders'], 'all'],
    ['tables shop orders --before 482 --changes', ['orders'], 'all'],
  ])('"%s" names tables, a moment, and whether changed rows go back too', (words, tables, merge) => {
    const input = { database: 'shop', point: { kind: 'before', run: 482 }, tables, merge }
    expect(parsed(words)).toEqual({ kind: 'intent', intent: { job: 'tables', ...place, input } })
  })

  test.each([
    'tables',
    'tables shop',
    'tables shop before 482',
    'tables shop orders',
    "tables shop or'ders before 482",
  ])('"%s" is answered with an example', (words) => {
    expect(parsed(words)).toMatchObject({ kind: 'problem', example: expect.stringMatching(/^\/restore tables/) })
  })

  test('what is no moment, and a database that nobody backs up, is answered with one helpful line', () => {
    expect(parsed('shop last tuesday')).toMatchObject({ kind: 'problem', text: expect.stringMatching(/as a moment/) })
    expect(parsed('shop before lunch')).toMatchObject({ kind: 'problem' })
    expect(parsed('nope')).toMatchObject({ text: '"nope" is neither a database that is backed up nor a moment.' })
    expect(parsed('last tuesday')).toMatchObject({ text: 'I cannot read "last tuesday" as a moment.' })
    expect(parsed('shpo latest')).toMatchObject({ kind: 'problem' })
  })

  test.each(['nope latest', 'nope before 482', 'nope 14:02:11'])('of "%s" the first word is to blame', (words) => {
    expect(parsed(words)).toMatchObject({
      text: 'There is no database "nope" that is backed up. There are: shop.',
    })
  })

  test.each(['shipmate', 'shipmate latest', 'Shipmate before 482', 'tables shipmate runs latest'])(
    '"%s" is answered with the command that brings Shipmate itself back',
    (words) => {
      expect(parsed(words)).toMatchObject({
        kind: 'problem',
        text: expect.stringContaining('npx shipmate restore-self'),
      })
    },
  )

  test('without a moment a form asks for the rest', () => {
    expect(parsed('shop')).toEqual({ kind: 'form', form: 'restore', known: { database: 'shop' } })
    expect(parsed('')).toEqual({ kind: 'form', form: 'restore', known: { database: 'shop' } })
  })
})
