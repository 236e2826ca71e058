import { describe, expect, test } from 'vitest'
import { parseMrkdwn, parsePlain, plain } from '../../../../playground/page/text/mrkdwn.js'

const text = (words: string) => ({ kind: 'text', text: words })

describe('mrkdwn', () => {
  test('bold, italic, struck and code words are told apart', () => {
    expect(parseMrkdwn('*a* _b_ ~c~ `d`')).toEqual([
      { kind: 'bold', pieces: [text('a')] },
      text(' '),
      { kind: 'italic', pieces: [text('b')] },
      text(' '),
      { kind: 'strike', pieces: [text('c')] },
      text(' '),
      { kind: 'code', text: 'd' },
    ])
  })

  test('marks inside of words and around spaces stay signs', () => {
    expect(parseMrkdwn('snake_case_name 2*3*4 * not bold *')).toEqual([text('snake_case_name 2*3*4 * not bold *')])
  })

  test('a fence keeps its text as it is', () => {
    expect(parseMrkdwn('see\n```\n*a* &lt;b&gt;\n```')).toEqual([
      text('see'),
      { kind: 'break' },
      { kind: 'pre', text: '*a* <b>' },
    ])
  })

  test('neighbouring quoted lines are one quote', () => {
    expect(parseMrkdwn('&gt; one\n> two\nafter')).toEqual([
      { kind: 'quote', pieces: [text('one'), { kind: 'break' }, text('two')] },
      text('after'),
    ])
  })

  test('people, channels, groups and broadcasts are mentions', () => {
    expect(parseMrkdwn('<@U0RITA> <#C0GENERAL|general> <!subteam^S0RELEASE> <!here>')).toEqual([
      { kind: 'user', id: 'U0RITA', label: undefined },
      text(' '),
      { kind: 'channel', id: 'C0GENERAL', label: 'general' },
      text(' '),
      { kind: 'group', id: 'S0RELEASE', label: undefined },
      text(' '),
      { kind: 'broadcast', range: 'here' },
    ])
  })

  test('a date carries its format and its fallback', () => {
    expect(parseMrkdwn('<!date^1700000000^{date_short} at {time}^https://example.com|then>')).toEqual([
      {
        kind: 'date',
        unix: 1_700_000_000,
        format: '{date_short} at {time}',
        url: 'https://example.com',
        fallback: 'then',
      },
    ])
  })

  test('escaped mentions mention nobody', () => {
    expect(parseMrkdwn('&lt;!channel&gt; &amp; &lt;@U0RITA&gt;')).toEqual([text('<!channel> & <@U0RITA>')])
  })

  test('a link that is no address of the web stays text', () => {
    expect(parseMrkdwn('<javascript:alert(1)|click>')).toEqual([text('click')])
  })

  test('a bare address is a link without the full stop behind it', () => {
    expect(parseMrkdwn('see https://example.com/a?b=1.')).toEqual([
      text('see '),
      { kind: 'link', url: 'https://example.com/a?b=1', label: 'https://example.com/a?b=1' },
      text('.'),
    ])
  })

  test('plain text knows emoji and lines alone', () => {
    expect(parsePlain('*no* :ship:\nnext')).toEqual([
      text('*no* '),
      { kind: 'emoji', name: 'ship' },
      { kind: 'break' },
      text('next'),
    ])
  })

  test('a time of day holds no emoji', () => {
    expect(parseMrkdwn('at 14:32:05 sharp')).toEqual([text('at 14:32:05 sharp')])
  })

  test('a text can be read without its marks', () => {
    expect(plain('<https://example.com|the log> of <https://example.com> &amp; more')).toBe(
      'the log of https://example.com & more',
    )
  })

  test('a long hostile line is read in time', () => {
    const line = `${'*'.repeat(20_000)}${'<'.repeat(20_000)}${'_a'.repeat(10_000)}`
    expect(parseMrkdwn(line).length).toBeGreaterThan(0)
  })
})
