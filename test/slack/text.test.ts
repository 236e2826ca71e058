import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mentionsIn, toRichText, unescape as unescaped } from '../../playground/workspace/text.js'
import { bytes, dateToken, duration, escaped, link, list, percent, plural, quote } from '../../src/slack/text.js'
import { hostileTexts } from './hostile-texts.js'

const nobody = { users: [], groups: [], channels: [], broadcast: [] }
const kindsIn = (text: string) =>
  (toRichText(text).elements as { type: string; elements: { type: string; style?: object }[] }[]).flatMap((part) => [
    part.type,
    ...part.elements.flatMap((leaf) => [leaf.type, ...(leaf.style && 'code' in leaf.style ? ['code'] : [])]),
  ])

function expectHarmless(text: string, max: number) {
  const quoted = quote(text, max)
  expect(mentionsIn(quoted)).toEqual(nobody)
  expect(kindsIn(quoted).filter((kind) => kind !== 'rich_text_section' && kind !== 'text')).toEqual([])
  expect(quoted).not.toMatch(/[<>`\n\r\u2028\u2029\u202a-\u202e\u2066-\u2069\u200c-\u200f\u061c]|\p{Cc}|\p{Cs}/u)
  // What a client could still make of bare text: a name, a channel, an address.
  expect(quoted).not.toMatch(/[@#][^\u200b]|:\/\/|www\./i)
}

describe('Quoting text from outside', () => {
  it('Has a corpus worth the name', () => {
    expect(new Set(hostileTexts).size).toBeGreaterThanOrEqual(200)
  })

  it('Mentions nobody, links nothing and hides nothing, whatever it is given', () => {
    for (const text of hostileTexts) for (const max of [1, 12, 75, 60_000]) expectHarmless(text, max)
  })

  it('Holds for any mixture of hostile pieces', () => {
    const piece = fc.oneof(
      fc.constantFrom(...hostileTexts.filter((text) => text.length < 100)),
      fc.string({ unit: 'binary' }),
    )
    const mixture = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(mixture, fc.integer({ min: 1, max: 200 }), (text, max) => expectHarmless(text, max)),
      { numRuns: 500 },
    )
  })

  it('Stays harmless beside other text of the card', () => {
    const around = (text: string) => `*storefront* \`${quote(text, 40)}\` <@U1> _${quote(text, 40)}_`
    for (const text of hostileTexts) expect(mentionsIn(around(text))).toEqual({ ...nobody, users: ['U1'] })
  })

  it('Shows at most as many code points as it may, and never half of one', () => {
    expect(quote('storefront', 10)).toBe('storefront')
    expect(quote('storefronts', 10)).toBe('storefron…')
    expect(quote('🚢🚢🚢🚢', 3)).toBe('🚢🚢…')
    expect(quote('a b c', 3)).toBe('a…')
    const seen = (text: string, max: number) => [...unescaped(quote(text, max)).replaceAll('\u200b', '')].length
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(50), (text, max) => seen(text, max) <= Math.max(1, max)),
    )
  })

  it('Leaves honest text as it is', () => {
    for (const text of [
      'v1.8.0',
      'cache prices',
      'fix_the_cart-2',
      '14:32:05',
      'Grüße, 東京',
      'a: b',
      'main.js +9 %',
    ]) {
      expect(quote(text, 80)).toBe(text)
    }
    expect(quote('a < b && c > d', 80)).toBe('a &lt; b &amp;&amp; c &gt; d')
  })
})

describe('Links of a card', () => {
  it('Go where they say, with a label that cannot end the link', () => {
    expect(link('https://x.io/a?b=1&c=2', 'Compare v1…v2')).toBe('<https://x.io/a?b=1&amp;c=2|Compare v1…v2>')
    expect(link('https://x.io/|Approve>', 'a|b>')).toBe('<https://x.io/%7CApprove%3E|a¦b&gt;>')
    for (const text of hostileTexts) expect(mentionsIn(link('https://x.io', text))).toEqual(nobody)
  })

  it('Addresses of other kinds are not linked', () => {
    expect(link('javascript:alert(1)', 'logs')).toBe('logs')
    expect(link('https://x.io/a b', 'logs')).toBe('logs')
  })
})

describe('Escaping', () => {
  it('Touches the three characters alone, and Slack gives them back', () => {
    expect(escaped('<a> & "b"')).toBe('&lt;a&gt; &amp; "b"')
    fc.assert(fc.property(fc.string(), (text) => unescaped(escaped(text)) === text))
  })
})

describe('Moments', () => {
  const at = new Date('2026-11-22T14:32:07.900Z')

  it('Are drawn in the reader’s zone, and in UTC where they cannot be', () => {
    expect(dateToken(at, 'time')).toBe('<!date^1795357927^{time}|14:32 UTC>')
    expect(dateToken(at, 'second')).toMatch(/^<!date\^1795357927\^\{time_secs\}\|14:32:\d\d UTC>$/)
    expect(dateToken(at, 'day')).toBe('<!date^1795357927^{date_short_pretty}|2026-11-22>')
    expect(dateToken(at, 'moment')).toBe('<!date^1795357927^{date_short_pretty} {time}|2026-11-22 14:32 UTC>')
    expect(kindsIn(dateToken(at, 'ago'))).toEqual(['rich_text_section', 'date'])
  })
})

describe('Durations', () => {
  it.each([
    [0, '0 s'],
    [-5_000, '0 s'],
    [Number.NaN, '0 s'],
    [499, '0 s'],
    [48_000, '48 s'],
    [59_700, '1 min'],
    [102_000, '1 min 42 s'],
    [3_600_000, '1 h'],
    [11_100_000, '3 h 5 min'],
    [3_605_000, '1 h'],
    [90_000_000, '1 d 1 h'],
    [40 * 86_400_000, '40 d'],
  ])('%i ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })

  it('Never show 60 of a unit', () => {
    fc.assert(fc.property(fc.nat(400_000_000), (ms) => !/\b60 (s|min)|\b24 h/.test(duration(ms))))
  })
})

describe('Counts, lists, sizes and shares', () => {
  it('Plurals are right', () => {
    expect([0, 1, 2, 12_430].map((count) => plural(count, 'approval'))).toEqual([
      '0 approvals',
      '1 approval',
      '2 approvals',
      '12,430 approvals',
    ])
    expect([plural(2, 'retry'), plural(2, 'day'), plural(3, 'batch'), plural(2, 'person', 'people')]).toEqual([
      '2 retries',
      '2 days',
      '3 batches',
      '2 people',
    ])
  })

  it('Lists end with “and”', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(list)).toEqual(['', 'a', 'a and b', 'a, b and c'])
  })

  it.each([
    [0, '0 B'],
    [950, '950 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [1_234_567_890, '1.2 GB'],
    [999_700, '1.0 MB'],
    [52_000_000, '52 MB'],
  ])('%i bytes are %s', (count, text) => {
    expect(bytes(count)).toBe(text)
  })

  it.each([
    [0, '0 %'],
    [0.0001, 'under 0.1 %'],
    [0.01, '1 %'],
    [0.048, '4.8 %'],
    [0.38, '38 %'],
    [0.994, '99.4 %'],
    [0.9999, 'over 99.9 %'],
    [1, '100 %'],
    [-0.09, '-9 %'],
  ])('A share of %d is %s', (share, text) => {
    expect(percent(share)).toBe(text)
  })
})
