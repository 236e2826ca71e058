/** What one `<…>` of a message's text means. */
export type Target =
  | { kind: 'user' | 'usergroup' | 'channel'; id: string }
  | { kind: 'broadcast'; range: 'here' | 'channel' | 'everyone' }
  | { kind: 'date'; timestamp: number; format: string; url?: string; fallback: string }
  | { kind: 'link'; url: string; label?: string }
  /** Anything else stays the text it is. */
  | { kind: 'text'; text: string }

/** The insides of all `<…>` of a text, in order. */
export function tokensIn(text: string): string[] {
  return [...text.matchAll(/<([^<>\n]+)>/g)].map((match) => match[1] ?? '')
}

/** What the inside of one `<…>` means. */
export function targetOf(token: string): Target {
  const [head = '', label] = splitOnce(token, '|')
  const mention = /^(?:@(?<user>[UW][A-Z0-9]+)|#(?<channel>[CGD][A-Z0-9]+)|!subteam\^(?<usergroup>S[A-Z0-9]+))$/.exec(
    head,
  )
  for (const kind of ['user', 'channel', 'usergroup'] as const) {
    const id = mention?.groups?.[kind]
    if (id !== undefined) return { kind, id }
  }
  if (head === '!here' || head === '!channel' || head === '!everyone') {
    return { kind: 'broadcast', range: head.slice(1) as 'here' | 'channel' | 'everyone' }
  }
  return dateOf(head, label) ?? linkOf(head, label) ?? { kind: 'text', text: `<${token}>` }
}

/** The characters behind `&lt;`, `&gt;` and `&amp;`, each decoded once. */
export function unescaped(text: string): string {
  const characters: { [entity: string]: string } = { '&lt;': '<', '&gt;': '>', '&amp;': '&' }
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => characters[entity] ?? entity)
}

function dateOf(head: string, fallback = ''): Target | undefined {
  const [, seconds, format, url] = /^!date\^(\d+)\^([^^]+)(?:\^(.+))?$/.exec(head) ?? []
  if (seconds === undefined || format === undefined) return undefined
  const date = { kind: 'date' as const, timestamp: Number(seconds), format, fallback: unescaped(fallback) }
  return url === undefined || !URL.canParse(url) ? date : { ...date, url: unescaped(url) }
}

function linkOf(head: string, label: string | undefined): Target | undefined {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(head)) return undefined
  const url = unescaped(head)
  if (!URL.canParse(url)) return undefined
  return label === undefined ? { kind: 'link', url } : { kind: 'link', url, label: unescaped(label) }
}

function splitOnce(text: string, at: string): [string, string?] {
  const index = text.indexOf(at)
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + at.length)]
}
