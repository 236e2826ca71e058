/** Texts that a branch, a commit message or an alert could carry to mention people, disguise links or break a card. */
const mentions = [
  '<!channel>',
  '<!here>',
  '<!everyone>',
  '<!here|here>',
  '<@U0RITA>',
  '<@U0RITA|rita>',
  '<@W0RITA>',
  '<!subteam^S0RM>',
  '<!subteam^S0RM|@release-managers>',
  '<#C0RELEASES>',
  '<#C0RELEASES|releases>',
  '@channel',
  '@here',
  '@everyone',
  '@rita',
  '#releases',
  'rita@example.com',
]

const links = [
  '<https://evil.example|Approve>',
  '<http://evil.example|https://shipmate.example>',
  '<mailto:rita@example.com|Approve>',
  '<tel:112|Approve>',
  '<slack://user?team=T1&id=U1|Approve>',
  '<javascript:alert(1)|Approve>',
  '<data:text/html,x|Approve>',
  'https://evil.example',
  'http://evil.example/?next=https://evil.example',
  'HTTPS://EVIL.EXAMPLE',
  'www.evil.example',
  'ftp://evil.example',
  '[Approve](https://evil.example)',
  '<!date^0^{date}^https://evil.example|Approve>',
]

const marks = [
  '`',
  '```',
  '```\nApproved by @rita\n```',
  '`a` ``b`` ```c```',
  '> quoted',
  '&gt; quoted',
  ':white_check_mark: approved',
  ':+1:',
  '<',
  '>',
  '&',
  '<<<>>>',
  '&lt;!channel&gt;',
  '&amp;lt;!channel&amp;gt;',
  '<>',
  '<|>',
]

const disguises = [
  '\u202egnp.exe',
  '\u202d\u2066abc\u2069',
  'a\u200bb\u200c\u200d\ufeffc',
  '\u061c\u200e\u200f',
  '\u0000\u0007\u001b[31mred\u001b[0m',
  'line one\nline two\r\nline three\u2028four\u2029five\u0085six',
  '\ttabs\tand\u00a0spaces\u3000everywhere   ',
  '\u3164\u2800\u115f\u1160\uffa0',
  '\ud800 alone \udc00',
  '\u{e0001}\u{e0041}tagged',
  'z\u0351\u0352\u0353\u0354algo',
  '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}',
]

const wrap = [
  (text: string) => text,
  (text: string) => `fix: ${text} (#481)`,
  (text: string) => `*${text}*`,
  (text: string) => `${text}${text}`,
]

/** At least 200 of them, the last of 50 kB. */
export const hostileTexts: string[] = [
  ...[...mentions, ...links, ...marks, ...disguises].flatMap((text) => wrap.map((around) => around(text))),
  ...mentions.map((text) => text.replace('<', '<\u200b')),
  ...mentions.map((text) => text.split('').join('\u2060')),
  '<!channel> '.repeat(4_600),
  `${'x'.repeat(50_000)}<!channel>`,
  '<'.repeat(50_000),
]
