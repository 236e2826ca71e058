import { z } from 'zod'
import type { IncidentRecord, Room } from '../../../incidents/incident.js'
import { ask, type IncidentSpeaking } from './speaking.js'

export type Piece =
  | { kind: 'stands'; room: Partial<Room> }
  | { kind: 'later'; ms: number }
  /** `again`: milliseconds until it is worth another try; null when only a person can mend it. */
  | { kind: 'trouble'; text: string; next: string; again: number | null; room?: Partial<Room> }

const names = 5
const tryAgain = 120_000

/**
 * Makes the incident's channel. Slack takes a name once, so the name is what keeps a channel from being made twice: where
 * it is taken, the channel that this app made under it is looked for, and only somebody else's sends us to another name.
 */
export async function makeChannel(parts: IncidentSpeaking, incident: IncidentRecord): Promise<Piece> {
  for (let nth = 1; nth <= names; nth++) {
    const name = nthName(incident.room.name, nth)
    const made = await ask(parts, 'conversations.create', { name, is_private: incident.private })
    if (made.kind === 'later') return made
    if (made.kind === 'ok') return stands(channelShape.parse(made.data).channel)
    if (made.error !== 'name_taken') return refusedChannel(made.error, name)
    const own = await ownChannel(parts, incident, name)
    if (own.kind === 'later') return own
    if (own.kind === 'found') return stands(own.channel)
  }
  return refusedChannel('name_taken', incident.room.name)
}

/** Slack's names hold at most 80 characters. */
export const nthName = (name: string, nth: number): string => (nth === 1 ? name : `${name.slice(0, 76)}-${nth}`)

const stands = ({ id, name }: Channel): Piece => ({ kind: 'stands', room: { channel: id, name } })

const channel = z.object({
  id: z.string(),
  name: z.string(),
  creator: z.string().default(''),
  created: z.number().default(0),
})
type Channel = z.infer<typeof channel>
const channelShape = z.object({ channel })
const listShape = z.object({
  channels: z.array(channel),
  response_metadata: z.object({ next_cursor: z.string().default('') }).default({ next_cursor: '' }),
})

type Found = { kind: 'found'; channel: Channel } | { kind: 'none' } | { kind: 'later'; ms: number }

/** Our clock may be ahead of Slack's. */
const clocksDiffer = 600_000

/** Among the channels that the app is in: it is in every one that it made. An older installation's does not count. */
async function ownChannel(parts: IncidentSpeaking, incident: IncidentRecord, name: string): Promise<Found> {
  const types = incident.private ? 'private_channel' : 'public_channel'
  const oldest = (incident.declaredAt.getTime() - clocksDiffer) / 1000
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = { types, exclude_archived: true, limit: 900, ...(cursor && { cursor }) }
    const listed = await ask(parts, 'users.conversations', query)
    if (listed.kind === 'later') return listed
    if (listed.kind === 'no') return { kind: 'none' }
    const page = listShape.parse(listed.data)
    const mine = page.channels.find((one) => {
      return one.name === name && one.creator === parts.incidents.botUser() && one.created >= oldest
    })
    if (mine) return { kind: 'found', channel: mine }
    cursor = page.response_metadata.next_cursor || null
  }
  return { kind: 'none' }
}

function refusedChannel(error: string, name: string): Piece {
  const text = `The channel #${name} could not be made: Slack says ${error}.`
  const mend =
    error === 'missing_scope'
      ? 'Install the app again with the current manifest.yml.'
      : error === 'restricted_action'
        ? 'Ask a workspace admin to let apps create channels.'
        : 'It is tried again; /incident works meanwhile.'
  return { kind: 'trouble', text, next: `${mend} Work on it in this thread.`, again: tryAgain }
}

/** Closes the channel with its incident. Null when there is nothing to do. */
export async function archiveChannel(parts: IncidentSpeaking, { room }: IncidentRecord): Promise<Piece> {
  const told = await ask(parts, 'conversations.archive', { channel: room.channel })
  if (told.kind === 'later') return told
  if (told.kind === 'ok' || told.error === 'already_archived') return { kind: 'stands', room: { archived: true } }
  const text = `The channel was not archived: Slack says ${told.error}.`
  return { kind: 'trouble', text, next: 'Archive it by hand in its settings.', again: null }
}

/** Opens it again. Slack lets bots do so hardly ever, because they leave with archiving: then another one is made. */
export async function unarchiveChannel(parts: IncidentSpeaking, { room }: IncidentRecord): Promise<Piece> {
  const told = await ask(parts, 'conversations.unarchive', { channel: room.channel })
  if (told.kind === 'later') return told
  if (told.kind === 'ok' || told.error === 'not_archived') return { kind: 'stands', room: { archived: false } }
  const { channel: earlier, name } = room
  const afresh = {
    channel: null,
    card: null,
    done: [],
    troubles: [],
    archived: false,
    invited: [],
    review: null,
    name: againName(name),
  }
  return { kind: 'stands', room: { ...afresh, ...(earlier ? { earlier } : {}) } }
}

const againName = (name: string): string => {
  const [, stem = name, nth = '1'] = /^(.*?)-again(?:-(\d+))?$/.exec(name) ?? []
  return stem === name && nth === '1' ? `${name.slice(0, 70)}-again` : `${stem}-again-${Number(nth) + 1}`
}
