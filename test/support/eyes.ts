import type { Canvas, ChannelSummary, Message, MessagePage, View } from '../../playground/workspace/protocol.js'
import type { Control } from './control.js'
import { waitFor } from './wait-for.js'

/** What a person of the local workspace sees; see `Person` for what each answers. */
export function createEyes(control: Control, id: string) {
  const at = (path: string) => `/as/${id}/${path}`
  const channels = () => control.get<ChannelSummary[]>(at('channels'))
  const idOf = async (name: string) => channelId(name) ?? (await channelNamed(channels, name)).id
  const inChannel = async (channel: string) => at(`channels/${await idOf(channel)}`)
  const messagesIn = async (place: string) => (await control.get<MessagePage>(`${place}/messages?limit=200`)).messages
  const messages = async (channel: string) => messagesIn(await inChannel(channel))
  const threadIn = (place: string, ts: string) => control.get<Message[]>(`${place}/threads/${ts}`)
  const thread = async (channel: string, ts: string) => threadIn(await inChannel(channel), ts)
  const canvases = async (channel: string) => control.get<Canvas[]>(`${await inChannel(channel)}/canvases`)
  const modals = () => control.get<View[]>(at('modals'))
  const home = () => control.get<View | null>(at('home'))

  return {
    idOf,
    channels,
    messages,
    thread,
    canvases,
    modals,
    home,
    channel: (name: string) => channelNamed(channels, name),
    topModal: async () => (await modals()).at(-1) ?? missing(`${id} has no modal open`),
    seeMessage: async (channel: string, words: RegExp, withinMs?: number) => {
      const place = await inChannel(channel)
      return waitFor(`${id} sees ${words} in ${channel}`, async () => newest(await messagesIn(place), words), withinMs)
    },
    seeReply: async (channel: string, ts: string, words: RegExp, withinMs?: number) => {
      const place = await inChannel(channel)
      const look = async () => newest((await threadIn(place, ts)).slice(1), words)
      return waitFor(`${id} sees the reply ${words}`, look, withinMs)
    },
    seeModal: (words: RegExp, withinMs?: number) =>
      waitFor(`${id} sees the modal ${words}`, async () => matching((await modals()).at(-1), words), withinMs),
    seeNoModal: async (withinMs?: number) => {
      await waitFor(`${id} sees no modal`, async () => (await modals()).length === 0, withinMs)
    },
    seeHome: (words: RegExp, withinMs?: number) =>
      waitFor(`${id} sees ${words} in Home`, async () => matching((await home()) ?? undefined, words), withinMs),
  }
}

/** Everything that a message or view says to a reader: its text and every text in its blocks. */
export function wordsOf(seen: Message | View): string {
  const text = 'text' in seen ? seen.text : ''
  const title = 'title' in seen ? seen.title?.text : ''
  const attachments = 'attachments' in seen ? seen.attachments : undefined
  return [text, title, ...textsIn(seen.blocks), ...textsIn(attachments)].join('\n')
}

const channelId = (name: string) => (/^[CDG][A-Z0-9]{5,}$/.test(name) ? name : undefined)

async function channelNamed(channels: () => Promise<ChannelSummary[]>, name: string): Promise<ChannelSummary> {
  const wanted = name.replace(/^#/, '')
  const found = (await channels()).find((row) => row.id === wanted || row.name === wanted)
  return found ?? missing(`there is no channel ${name} to see`)
}

function newest(rows: Message[], words: RegExp): Message | undefined {
  return rows.toReversed().find((row) => words.test(wordsOf(row)))
}

function matching(view: View | undefined, words: RegExp): View | undefined {
  return view && words.test(wordsOf(view)) ? view : undefined
}

function textsIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn)
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([field, item]) =>
    typeof item === 'string' && ['text', 'title', 'alt_text'].includes(field) ? [item] : textsIn(item),
  )
}

function missing(problem: string): never {
  throw new Error(problem)
}
