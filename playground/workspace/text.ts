import type { Block } from './protocol.js'
import { inline, preformatted, type RichTextPart } from './text/rich-text.js'
import { targetOf, tokensIn } from './text/tokens.js'

export { unescaped as unescape } from './text/tokens.js'

export type Mentions = {
  users: string[]
  groups: string[]
  channels: string[]
  broadcast: ('here' | 'channel' | 'everyone')[]
}

/** What `@` and `#` can mean in this workspace: name without the sign to id. */
export type Names = {
  people: ReadonlyMap<string, string>
  channels: ReadonlyMap<string, string>
  groups: ReadonlyMap<string, string>
  /** Ids of private channels, whose label Slack leaves empty. */
  privateChannels?: ReadonlySet<string>
}

/** The rich_text block that Slack makes of a post that has text alone: sections, quotes and preformatted parts. */
export function toRichText(text: string): Block {
  const parts = text.split('```')
  // A fence without its end is not a fence.
  const closed = parts.length % 2 === 1 ? parts : [...parts.slice(0, -2), parts.slice(-2).join('```')]
  const elements = closed.flatMap((part, index) => (index % 2 === 1 ? [preformatted(part)] : paragraphs(part)))
  return { type: 'rich_text', elements: elements.length > 0 ? elements : [section('')] }
}

/** Whom a text mentions, each once, in order of appearance. */
export function mentionsIn(text: string): Mentions {
  const targets = tokensIn(text).map(targetOf)
  const ids = (kind: string) => [
    ...new Set(targets.flatMap((target) => (target.kind === kind && 'id' in target ? [target.id] : []))),
  ]
  const ranges = targets.flatMap((target) => (target.kind === 'broadcast' ? [target.range] : []))
  return { users: ids('user'), groups: ids('usergroup'), channels: ids('channel'), broadcast: [...new Set(ranges)] }
}

/**
 * What `should_escape` makes of a command's text: `@name` becomes `<@U…|name>` or `<!subteam^S…|@name>`, `#name`
 * `<#C…|name>`, a URL `<url>`. Names that nobody has stay as they were typed.
 */
export function escapeForCommand(text: string, names: Names): string {
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return safe.replace(/(?<![\w@#/])(?:https?:\/\/\S+|([@#])([\p{L}\p{N}_.-]*[\p{L}\p{N}_]))/gu, (typed, sign, name) => {
    if (sign === '@') return personOrGroup(name, names) ?? typed
    if (sign === '#') return channelNamed(name, names) ?? typed
    return `<${typed}>`
  })
}

function personOrGroup(name: string, { people, groups }: Names): string | undefined {
  const person = people.get(name)
  if (person !== undefined) return `<@${person}|${name}>`
  const group = groups.get(name)
  if (group !== undefined) return `<!subteam^${group}|@${name}>`
  return ['here', 'channel', 'everyone'].includes(name) ? `<!${name}>` : undefined
}

function channelNamed(name: string, { channels, privateChannels }: Names): string | undefined {
  const id = channels.get(name)
  return id === undefined ? undefined : `<#${id}|${privateChannels?.has(id) ? '' : name}>`
}

function paragraphs(text: string): RichTextPart[] {
  const trimmed = text.replace(/^\n|\n$/g, '')
  if (trimmed === '') return []
  return runsOf(trimmed.split('\n')).map(({ quoted, lines }) =>
    quoted ? { type: 'rich_text_quote', elements: inline(lines.map(unquoted).join('\n')) } : section(lines.join('\n')),
  )
}

const section = (text: string): RichTextPart => ({ type: 'rich_text_section', elements: inline(text) })
const unquoted = (line: string) => line.replace(/^(&gt;|>) ?/, '')

/** Neighbouring lines that are all quoted, or all not. */
function runsOf(lines: string[]): { quoted: boolean; lines: string[] }[] {
  const runs: { quoted: boolean; lines: string[] }[] = []
  for (const line of lines) {
    const quoted = /^(&gt;|>)/.test(line)
    const last = runs.at(-1)
    if (last?.quoted === quoted) last.lines.push(line)
    else runs.push({ quoted, lines: [line] })
  }
  return runs
}
