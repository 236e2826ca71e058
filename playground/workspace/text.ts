import type { Block } from './protocol.js'

export type Mentions = {
  users: string[]
  groups: string[]
  channels: string[]
  broadcast: ('here' | 'channel' | 'everyone')[]
}

/** What `#` and `@` can mean in this workspace: name (without the sign) to id. */
export type Names = {
  people: ReadonlyMap<string, string>
  channels: ReadonlyMap<string, string>
  groups: ReadonlyMap<string, string>
}

/** The rich_text block that Slack makes of a post that has text alone. */
export function toRichText(text: string): Block {
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] }
}

/** Whom a text mentions, each once, in order of appearance. */
export function mentionsIn(_text: string): Mentions {
  return { users: [], groups: [], channels: [], broadcast: [] }
}

/** What `should_escape` does to a command's text: names become `<@U…|name>`, `<#C…|name>`, `<!subteam^S…|@name>`, URLs `<url>`. */
export function escapeForCommand(text: string, _names: Names): string {
  return text
}

/** The characters behind `&lt;`, `&gt;` and `&amp;`. */
export function unescaped(text: string): string {
  return text
}

export { unescaped as unescape }
