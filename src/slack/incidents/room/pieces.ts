import { z } from 'zod'
import { type IncidentView, nameOf, type Room } from '../../../incidents/incident.js'
import type { WantedRoom } from '../../../incidents/room.js'
import { message, section } from '../../blocks.js'
import { quote } from '../../text.js'
import type { Answer } from '../../web.js'
import type { Piece } from './channel.js'
import { ask, type IncidentSpeaking, type Told } from './speaking.js'

/** One thing that an incident's channel is to have; each looks whether it is there, so that twice is once. */
export type MakePiece = (parts: IncidentSpeaking, view: IncidentView, wanted: WantedRoom, room: Room) => Promise<Piece>

export const pinCard: MakePiece = async (parts, _view, _wanted, { card }) => {
  if (!card) return { kind: 'later', ms: 1_000 }
  const told = await ask(parts, 'pins.add', { channel: card.channel, timestamp: card.ts })
  return settled(told, ['already_pinned'], {}, 'The card is not pinned', 'Pin it by hand: ⋮ → Pin to this channel.')
}

export const setTopic: MakePiece = async (parts, _view, { topic }, { channel }) => {
  const told = await ask(parts, 'conversations.setTopic', { channel, topic })
  return settled(told, [], { topic }, 'The topic is not set', 'Set it by hand: click the channel’s name.')
}

const bookmarksShape = z.object({ bookmarks: z.array(z.object({ link: z.string().nullish() })).default([]) })

export const addBookmarks: MakePiece = async (parts, _view, { bookmarks }, { channel }) => {
  if (bookmarks.length === 0) return { kind: 'stands', room: {} }
  const listed = await ask(parts, 'bookmarks.list', { channel_id: channel })
  if (listed.kind === 'later') return listed
  const there = listed.kind === 'ok' ? bookmarksShape.parse(listed.data).bookmarks.map((one) => one.link) : []
  const missing = bookmarks.filter((one) => !there.includes(one.link)).slice(0, 10)
  const told = await Promise.all(
    missing.map(({ title, link: address }) =>
      ask(parts, 'bookmarks.add', {
        channel_id: channel,
        type: 'link',
        title: [...title].slice(0, 60).join(''),
        link: address,
      }),
    ),
  )
  const later = told.find((one) => one.kind === 'later')
  if (later?.kind === 'later') return later
  const no = told.find((one) => one.kind === 'no') ?? { kind: 'ok' as const, data: {}, sent: 0 }
  const names = missing.map(({ title }) => title).join(', ')
  return settled(no, [], {}, 'Bookmarks are missing', `Open them from here: ${names}.`)
}

/** One line where people expect it; a crash after it was posted is looked into before it is posted again. */
export const postNotice: MakePiece = async (parts, { incident }, { notice }, { channel }) => {
  if (!notice) return { kind: 'stands', room: {} }
  const key = `incident ${incident.id} notice`
  const turn = await parts.sendings.turn(key, { channel: notice.channel })
  if (turn.kind === 'wait') return { kind: 'later', ms: turn.ms }
  if (turn.kind === 'go') {
    const text = `${quote(notice.text, 300)} · ${channel && !incident.private ? `<#${channel}>` : nameOf(incident.id)}`
    const words = { ...message(quote(notice.text, 300), [section(text)]), metadata: turn.metadata }
    const told = await ask(parts, 'chat.postMessage', { channel: notice.channel, ...words, ...quiet }, notice.channel)
    parts.sendings.answered(key, answerOf(told))
    const end = settled(told, [], {}, 'Nobody outside was told', `Say it by hand in ${notice.channel}.`)
    if (end.kind === 'stands') await parts.sendings.recorded(key)
    return end
  }
  await parts.sendings.recorded(key)
  return { kind: 'stands', room: {} }
}

export const quiet = { unfurl_links: false, unfurl_media: false }

/** What Slack answered, for whoever has to know whether a post may be there: one that was not sent is not looked for. */
export function answerOf(told: Told): Answer {
  if (told.kind === 'ok') return { ok: true, data: told.data }
  if (told.kind === 'no') return { ok: false, why: 'refused', error: told.error, text: told.text }
  if (told.unsure) return { ok: false, why: 'unreachable', text: 'no answer' }
  return { ok: false, why: 'limited', retryAfterMs: told.ms }
}

/** `soAlready`: refusals that say that it is so. */
export function settled(told: Told, soAlready: string[], room: Partial<Room>, what: string, by: string): Piece {
  if (told.kind === 'later') return told
  if (told.kind === 'ok' || soAlready.includes(told.error)) return { kind: 'stands', room }
  const scope = told.error === 'missing_scope'
  const next = scope ? `Install the app again with the current manifest.yml. Until then: ${by}` : by
  return { kind: 'trouble', text: `${what}: Slack says ${told.error}.`, next, again: scope ? 600_000 : 120_000 }
}
