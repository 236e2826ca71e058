import { post } from '../acts/messages.js'
import type { Reply } from '../protocol.js'
import type { ChannelRow, PersonRow } from '../state/rows.js'
import type { Names } from '../text.js'
import { toRichText } from '../text.js'
import type { World } from '../world.js'

/** Sends what a person typed as a message; names after `@` and `#` become mentions, as Slack's composer makes them. */
export function sendTyped(
  world: World,
  typed: { person: PersonRow; channel: ChannelRow; text: string; thread_ts?: string },
): Reply {
  const text = asSent(typed.text, namesIn(world))
  const row = post(world, typed.channel, {
    user: typed.person.id,
    text,
    blocks: [{ block_id: world.state.ids.next('').slice(0, 5), ...toRichText(text) }],
    blocks_made: true,
    client_msg_id: world.state.ids.secret(),
    ...(typed.thread_ts && { thread_ts: typed.thread_ts }),
  })
  return { ok: true, ts: row.ts }
}

/** Every name that a text may mention. */
export function namesIn({ state }: World): Names {
  return {
    people: new Map(state.people.all().map((row) => [row.name, row.id])),
    channels: new Map(
      state.channels
        .all()
        .filter((row) => row.kind === 'channel')
        .map((row) => [row.name, row.id]),
    ),
    groups: new Map(state.groups.all().map((row) => [row.handle, row.id])),
  }
}

const TOKEN = /(<(?:@|#|!)[^<>\s]+>)|(^|[\s(])([@#])([\p{L}\p{N}._-]*[\p{L}\p{N}_])|[&<>]/gu
const ENTITIES: { [sign: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
const BROADCASTS = new Set(['here', 'channel', 'everyone'])

/** A typed text in Slack's own notation: mentions as ids, the three special characters as entities. */
export function asSent(typed: string, names: Names): string {
  return typed.replace(TOKEN, (all, token?: string, before?: string, sign?: string, name?: string) => {
    if (token) return token
    if (!sign || !name) return ENTITIES[all] ?? all
    return `${before}${mention(sign, name, names) ?? sign + name}`
  })
}

function mention(sign: string, name: string, names: Names): string | undefined {
  const word = name.toLowerCase()
  if (sign === '#') return wrap('#', names.channels.get(word))
  if (BROADCASTS.has(word)) return `<!${word}>`
  return wrap('@', names.people.get(word)) ?? wrap('!subteam^', names.groups.get(word))
}

const wrap = (sign: string, id: string | undefined) => (id ? `<${sign}${id}>` : undefined)
