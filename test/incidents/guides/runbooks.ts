import * as fc from 'fast-check'

/** Runbooks in CommonMark as other people wrote them: anything below anything, well formed or not. */

const word = fc.constantFrom(
  'restart',
  'the',
  'pods',
  'Check:',
  'Do:',
  'look',
  'at',
  '`kubectl',
  'logs`',
  '*now*',
  'a_b_c',
  '**all**',
  'https://example.com/x?a=1',
  '<b>',
  '[docs](https://d.example)',
  '[ref][one]',
  '![pic](a.png)',
  '&amp;',
  '\\*',
  '2.',
  '1)',
  '#',
  '##',
  '-',
  '>',
  '|',
  '---',
  '~~old~~',
  'C#',
  'naïve',
  '日本',
  '{{service}}',
  '[^1]',
  '<!-- x',
  '-->',
  '<script>',
  '"""',
  '```',
  '~~~',
  '=',
  'user@example.com',
  '[x]',
  '$HOME',
)
const words = (min: number, max: number) =>
  fc.array(word, { minLength: min, maxLength: max }).map((all) => all.join(' '))
const line = words(1, 7)
const heading = fc.oneof(
  fc.tuple(fc.integer({ min: 1, max: 6 }), words(0, 5)).map(([depth, text]) => `${'#'.repeat(depth)} ${text}`),
  fc.tuple(words(1, 4), fc.constantFrom('===', '---', '-', '=')).map(([text, under]) => `${text}\n${under}`),
  fc.tuple(words(1, 3), words(1, 3)).map(([one, two]) => `${one}\n${two}\n---`),
  words(1, 3).map((text) => `## ${text} ##`),
)
const paragraph = fc.array(line, { minLength: 1, maxLength: 3 }).map((all) => all.join('\n'))
const codeLine = fc.constantFrom(
  'kubectl get pods -n shop',
  'psql -c "select 1"',
  '}',
  '  if (x) {',
  '# 1. Check: not a heading',
  '## Do: this is code',
  '- item',
  '```',
  '',
  '---',
  'yaml: shipmate',
  '> quote',
  '\tmake',
  '<div>',
  '1. one',
)
const info = fc.constantFrom(
  '',
  'sh',
  'bash',
  'sql',
  'yaml shipmate',
  'python title=x',
  'text',
  'console',
  'js {1,3}',
  'yaml',
  'output',
  'c++',
)
const code = fc.oneof(
  fc
    .tuple(fc.constantFrom('```', '~~~', '````', '~~~~~'), info, fc.array(codeLine, { maxLength: 5 }), fc.boolean())
    .map(([fence, named, lines, closed]) => [`${fence}${named}`, ...lines, ...(closed ? [fence] : [])].join('\n')),
  fc.array(codeLine, { minLength: 1, maxLength: 3 }).map((lines) => lines.map((text) => `    ${text}`).join('\n')),
)
const table = fc
  .array(fc.tuple(words(1, 2), words(1, 2)), { minLength: 1, maxLength: 3 })
  .map((rows) => ['| what | then |', '|---|:-:|', ...rows.map(([a, b]) => `| ${a} | ${b} |`)].join('\n'))
const html = fc.constantFrom(
  '<div>\n  <p>call them</p>\n</div>',
  '<!-- a comment\nover lines -->',
  '<details>\n<summary>More</summary>\n\ninside\n\n</details>',
  '<script>\nvar a = 1\n\nvar b\n</script>',
  '<pre>\nraw\n\nraw too',
  '<!-- never closed',
  '<br>',
  '<?php\n\nx',
  '<![CDATA[\n\nx',
)
const small = fc.oneof(
  fc.constantFrom(
    '[one]: https://example.com "A title"',
    '[^1]: a note',
    '***',
    '---',
    '- - -',
    '___',
    '+',
    '1.',
    '-',
    '>',
    'Term\n: meaning',
  ),
  words(1, 3).map((text) => `[${text}]: /somewhere`),
)
const leaf = fc.oneof({ weight: 4, arbitrary: paragraph }, { weight: 3, arbitrary: code }, heading, table, html, small)

const { blocks } = fc.letrec<{ block: string; blocks: string }>((tie) => ({
  block: fc.oneof(
    { maxDepth: 3, depthSize: 'medium', withCrossShrink: true },
    { weight: 5, arbitrary: leaf },
    fc
      .tuple(
        fc.constantFrom('1.', '1)', '3.', '10.', '-', '*', '+'),
        fc.array(tie('blocks'), { minLength: 1, maxLength: 2 }),
        fc.boolean(),
        fc.constantFrom(' ', '  ', '\t', '    ', ' [ ] ', ' [x] '),
      )
      .map(listed),
    fc.tuple(tie('blocks'), fc.boolean()).map(([text, lazy]) => quoted(text, lazy)),
  ),
  blocks: fc
    .array(fc.tuple(tie('block'), fc.constantFrom('\n\n', '\n\n', '\n', '\n\n\n')), { minLength: 1, maxLength: 3 })
    .map((all) =>
      all
        .map(([text, gap]) => text + gap)
        .join('')
        .trimEnd(),
    ),
}))

function listed([marker, items, tight, gap]: [string, string[], boolean, string]): string {
  const number = /^(\d+)(.)$/.exec(marker)
  return items
    .map((text, at) => {
      const mark = number ? `${Number(number[1]) + at}${number[2]}` : marker
      const indent = ' '.repeat(mark.length + 1)
      return text
        .split('\n')
        .map((one, row) => (row === 0 ? `${mark}${gap}${one}` : one === '' ? '' : `${indent}${one}`))
        .join('\n')
    })
    .join(tight ? '\n' : '\n\n')
}

const quoted = (text: string, lazy: boolean): string =>
  text
    .split('\n')
    .map((one, row) => (lazy && row > 0 && one !== '' ? one : `> ${one}`))
    .join('\n')

const frontMatter = fc.constantFrom(
  '',
  '',
  '',
  '---\ntitle: Pods crash\nweight: 20\n---\n',
  '---\n---\n',
  '---\nnot closed\n',
)
const ends = fc.constantFrom('\n', '\n', '\r\n')

export const runbooks = fc
  .tuple(frontMatter, fc.array(blocks, { minLength: 1, maxLength: 2 }), ends)
  .map(([front, all, end]) => `${front}${all.join('\n\n')}\n`.replaceAll('\n', end))
