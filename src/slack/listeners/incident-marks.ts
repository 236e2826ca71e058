import type { App, MessageShortcut } from '@slack/bolt'
import { z } from 'zod'
import type { Asker } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import { answer, drawn, type Ways } from './answers.js'
import { askerOf } from './asker.js'
import { attempt, refusal } from './attempt.js'
import type { FaceParts } from './parts.js'
import { permalinkOf, plainWords, type Said, saidAt, saidShape } from './said.js'

/** Reactions that put a message on the timeline. */
const marks = new Set(['pushpin', 'round_pushpin', 'memo'])

type Marked = { channel: string; ts: string; said: Said | null; user: string; team: string; delivery: string }

/** People put messages of an incident's channel on its timeline: by a pin, by 📌 or 📝, by the message's menu. */
export function listenToMarks(app: App, parts: FaceParts): void {
  app.event('pin_added', async ({ event, body }) => {
    const read = pinShape.safeParse(event)
    if (!read.success) return
    const { user, channel_id: channel, item } = read.data
    const { message } = item
    if (!message || user === parts.identity.known()?.botUser) return
    await mark(parts, { channel, ts: message.ts, said: message, user, team: body.team_id, delivery: body.event_id })
  })
  app.event('reaction_added', async ({ event, body }) => {
    const { user, reaction, item } = event
    if (item.type !== 'message' || !marks.has(reaction.split('::')[0] ?? '')) return
    const { channel, ts } = item
    await mark(parts, { channel, ts, said: null, user, team: body.team_id, delivery: body.event_id })
  })
  app.shortcut<MessageShortcut>(
    { type: 'message_action', callback_id: 'timeline' },
    async ({ shortcut: { user, team, channel, message, response_url, trigger_id }, ack }) => {
      await ack()
      const read = saidShape.safeParse(message)
      const said = read.success ? read.data : null
      const home = user.team_id ?? team?.id ?? ''
      const marked = { channel: channel.id, ts: message.ts, said, user: user.id, team: home, delivery: trigger_id }
      const reply = await attempt(parts, 'a message for the timeline', home, async () => {
        return (await noted(parts, marked)) ?? noIncidentHere
      })
      await answer(parts, { user: user.id, channel: channel.id, responseUrl: response_url }, drawn(parts, reply))
    },
  )
}

const pinShape = z.object({
  user: z.string(),
  channel_id: z.string(),
  item: z.object({ message: saidShape.optional() }),
})

/** Said only to whoever marked it, and only when it did not go through. */
async function mark(parts: FaceParts, marked: Marked): Promise<void> {
  const { user, channel, team } = marked
  const nothing: Reply = { kind: 'said', text: '' }
  const reply = await attempt(parts, 'a marked message', team, async () => (await noted(parts, marked)) ?? nothing)
  const ways: Ways = { user, channel }
  if (reply.kind === 'refused') await answer(parts, ways, drawn(parts, reply))
}

/** Null where the channel is no incident's. The same message is noted once, whoever marks it and however. */
async function noted(parts: FaceParts, marked: Marked): Promise<Reply | null> {
  const { incidents } = parts
  const { channel, ts, user, team, delivery } = marked
  const incident = (await incidents?.rows.inChannel(channel)) ?? null
  if (!incidents || incident === null) return null
  const said = marked.said ?? (await saidAt(parts, channel, ts))
  const asker: Asker = await askerOf(parts, { user, userName: '', team, via: 'slack', delivery, channel })
  const link = pictureOf(said) ?? (await permalinkOf(parts, channel, ts))
  return incidents.press(
    {
      name: 'note',
      kind: 'pinned',
      key: `pinned:${channel}:${ts}`,
      text: await wordsOf(parts, said, user),
      at: new Date(Number(ts) * 1000),
      ...(link ? { link } : {}),
      incident,
    },
    asker,
  )
}

const pictureOf = (said: Said | null): string | null =>
  said?.files.find(({ mimetype, permalink }) => mimetype.startsWith('image/') && permalink)?.permalink ?? null

/** What was written, by whom when it was somebody else, and which files came with it. */
async function wordsOf(parts: FaceParts, said: Said | null, marker: string): Promise<string> {
  if (!said) return 'A message that was marked here.'
  const author = said.user && said.user !== marker ? await parts.directory.standing(said.user).catch(() => null) : null
  const files = said.files.flatMap(({ name }) => name ?? [])
  const words = [...plainWords(said.text)].slice(0, 1_000).join('')
  const all = [words, files.length > 0 ? `[${files.join(', ')}]` : ''].filter((part) => part !== '').join(' ')
  return `${author?.name ? `${author.name}: ` : ''}${all || 'A message without words.'}`
}

const noIncidentHere = refusal(
  'no-incident-here',
  'Nothing was added to a timeline.',
  'This channel is not the channel of an incident.',
  'Do it in the incident’s own channel, or open an incident from the message.',
)
