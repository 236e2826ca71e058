import fc from 'fast-check'
import { expect, test } from 'vitest'
import { longestText, wordsOf } from '../../src/commands/words.js'

const words = (text: string) => {
  const read = wordsOf(text)
  return 'words' in read ? read.words : read.problem
}

test.each([
  ['prod v1.8.0', ['prod', 'v1.8.0']],
  ['  prod \t v1.8.0\n', ['prod', 'v1.8.0']],
  ['', []],
  ['lock prod "exam week"', ['lock', 'prod', 'exam week']],
  ['lock prod “exam week”', ['lock', 'prod', 'exam week']],
  ['lock prod "exam week', ['lock', 'prod', 'exam week']],
  ['lock prod don’t touch', ['lock', 'prod', "don't", 'touch']],
  ['ask <@U123|Rita Rossi> now', ['ask', '<@U123>', 'now']],
  ['<@U123> deploy prod', ['<@U123>', 'deploy', 'prod']],
  ['deploy <http://shop.io|shop.io>', ['deploy', 'shop.io']],
  ['a &amp; b &lt;c&gt;', ['a', '&', 'b', '<c>']],
  ['pr\u200bod\u00a0v1', ['prod', 'v1']],
  ['\u202edorp', ['dorp']],
])('%j is read as %j', (text, wanted) => {
  expect(words(text)).toEqual(wanted)
})

test('a text of 100 kB is answered with one line', () => {
  expect(words('x'.repeat(100_000))).toBe('That is 100000 characters; a command has at most 1000.')
})

test('no text breaks the reading, and no word is longer than what was typed', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: longestText / 4 }), (text) => {
      const read = words(text)
      if (Array.isArray(read))
        for (const word of read) expect(word.length).toBeLessThanOrEqual(text.normalize('NFC').length)
    }),
  )
})
