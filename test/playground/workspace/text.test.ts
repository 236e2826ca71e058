import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { validateBlocks } from '../../../playground/workspace/blocks/validate.js'
import { escapeForCommand, mentionsIn, toRichText, unescape as unescaped } from '../../../playground/workspace/text.js'

const sectionOf = (text: string) => (toRichText(text).elements as { elements: unknown[] }[])[0]?.elements
const plain = (text: string, style?: object) => (style ? { type: 'text', text, style } : { type: 'text', text })

describe('The rich text Slack makes of a text-only post', () => {
  it.each([
    ['plain words', 'a & b', [plain('a & b')]],
    ['escaped characters', '&lt;b&gt; &amp;lt;', [plain('<b> &lt;')]],
    ['a person', '<@U1RITA|rita>', [{ type: 'user', user_id: 'U1RITA' }]],
    ['a group', '<!subteam^S1|@release-managers>', [{ type: 'usergroup', usergroup_id: 'S1' }]],
    ['a channel', '<#C1|releases>', [{ type: 'channel', channel_id: 'C1' }]],
    ['a broadcast', '<!here>', [{ type: 'broadcast', range: 'here' }]],
    [
      'a link with a label',
      '<https://x.io/?a&amp;b|Approve>',
      [{ type: 'link', url: 'https://x.io/?a&b', text: 'Approve' }],
    ],
    ['a bare address', 'https://x.io/a_b_c', [{ type: 'link', url: 'https://x.io/a_b_c' }]],
    ['a date', '<!date^17^{time}|then>', [{ type: 'date', timestamp: 17, format: '{time}', fallback: 'then' }]],
    ['an emoji', ':+1: 14:32:05', [{ type: 'emoji', name: '+1' }, plain(' 14:32:05')]],
    ['bold', '*v1*', [plain('v1', { bold: true })]],
    ['italic in bold', '*_v1_*', [plain('v1', { bold: true, italic: true })]],
    ['struck out', '~v1~', [plain('v1', { strike: true })]],
    ['code, where nothing else counts', '`*a* _b_`', [plain('*a* _b_', { code: true })]],
    ['marks inside words', 'a_b_c 2*3*4', [plain('a_b_c 2*3*4')]],
    ['marks with spaces inside', '* a *', [plain('* a *')]],
    ['an unknown token', '<nonsense>', [plain('<nonsense>')]],
  ])('%s', (_what, text, elements) => {
    expect(sectionOf(text)).toEqual(elements)
  })

  it('Quotes and fences are parts of their own', () => {
    const types = (text: string) => (toRichText(text).elements as { type: string }[]).map(({ type }) => type)
    expect(types('a\n&gt; b\n&gt; c\n```d\ne```f')).toEqual([
      'rich_text_section',
      'rich_text_quote',
      'rich_text_preformatted',
      'rich_text_section',
    ])
    expect(types('a ``` b')).toEqual(['rich_text_section'])
    expect(types('')).toEqual(['rich_text_section'])
  })

  it('Any text becomes a block that Slack would take', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '*',
        '_',
        '~',
        '`',
        '```',
        '<',
        '>',
        '|',
        ':',
        '<@U1>',
        '<!here>',
        'https://',
        '\n',
        '&gt;',
        '<!date^1^{time}|>',
      ),
    )
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(text, (given) => validateBlocks([toRichText(given)], 'message').length === 0),
      { numRuns: 500 },
    )
  })
})

describe('Mentions', () => {
  it('Names each person, group and channel once, and not what is escaped', () => {
    expect(mentionsIn('<@U1> <@U1|rita> <@U2> <!subteam^S1> <#C1|a> <!channel> <!channel> &lt;@U3&gt; @rita')).toEqual({
      users: ['U1', 'U2'],
      groups: ['S1'],
      channels: ['C1'],
      broadcast: ['channel'],
    })
  })
})

describe('Escaping the words of a command', () => {
  const names = {
    people: new Map([
      ['rita', 'U0RITA'],
      ['max.m', 'U0MAX'],
    ]),
    channels: new Map([
      ['releases', 'C0RELEASES'],
      ['secret', 'C0SECRET'],
    ]),
    groups: new Map([['release-managers', 'S0RM']]),
    privateChannels: new Set(['C0SECRET']),
  }

  it.each([
    ['@rita', '<@U0RITA|rita>'],
    ['(@rita, @max.m.)', '(<@U0RITA|rita>, <@U0MAX|max.m>.)'],
    ['#releases', '<#C0RELEASES|releases>'],
    ['#secret', '<#C0SECRET|>'],
    ['@release-managers', '<!subteam^S0RM|@release-managers>'],
    ['@here', '<!here>'],
    ['https://x.io/?a&b', '<https://x.io/?a&amp;b>'],
    ['@nobody #nowhere rita@x.io a#releases', '@nobody #nowhere rita@x.io a#releases'],
    ['<!channel> & <@U1>', '&lt;!channel&gt; &amp; &lt;@U1&gt;'],
  ])('%s', (typed, escaped) => {
    expect(escapeForCommand(typed, names)).toBe(escaped)
  })

  it('Without names, unescaping gives back what was typed', () => {
    const nobody = { people: new Map(), channels: new Map(), groups: new Map() }
    const typed = fc.string().filter((text) => !/https?:|@(here|channel|everyone)/.test(text))
    fc.assert(fc.property(typed, (text) => unescaped(escapeForCommand(text, nobody)) === text))
  })
})
