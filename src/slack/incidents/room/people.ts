import { z } from 'zod'
import type { Invited } from '../../../incidents/settings.js'
import { list } from '../../text.js'
import type { Piece } from './channel.js'
import type { MakePiece } from './pieces.js'
import { ask, type IncidentSpeaking } from './speaking.js'

const mostInvited = 100

/** Lets in whoever is called for and was not asked yet. One who cannot come keeps nobody out. */
export const invitePeople: MakePiece = async (parts, _view, { invite }, room) => {
  const { people, unknown } = await calledPeople(parts, invite)
  const asked = room.invited ?? []
  const missing = people.filter((id) => !asked.includes(id))
  const refused: { user: string; error: string }[] = []
  for (let at = 0; at < missing.length; at += mostInvited) {
    const users = missing.slice(at, at + mostInvited)
    const done = await inviteThem(parts, room.channel ?? '', users)
    if (done.kind === 'later') return done
    refused.push(...done.refused)
  }
  const invited = [...asked, ...missing]
  if (refused.length === 0 && unknown.length === 0) return { kind: 'stands', room: { invited } }
  return notAll(refused, unknown, invited)
}

/** Everybody that is to be let in now; empty when all were asked. */
export async function notInvited(parts: IncidentSpeaking, invite: Invited, invited: string[] = []): Promise<string[]> {
  const { people } = await calledPeople(parts, invite)
  return people.filter((id) => !invited.includes(id))
}

async function calledPeople(
  parts: IncidentSpeaking,
  invite: Invited,
): Promise<{ people: string[]; unknown: string[] }> {
  const groups = await Promise.all(
    invite.groups.map(async (handle) => ({ handle, members: await parts.incidents.members(handle).catch(() => null) })),
  )
  const people = [...invite.people, ...groups.flatMap(({ members }) => members ?? [])]
  const real = people.filter((id) => /^[UW][A-Z0-9]{1,20}$/.test(id) && id !== parts.incidents.botUser())
  return {
    people: [...new Set(real)],
    unknown: groups.filter(({ members }) => members === null).map(({ handle }) => handle),
  }
}

type Asked = { kind: 'asked'; refused: { user: string; error: string }[] } | { kind: 'later'; ms: number }

const errorsShape = z.object({ errors: z.array(z.object({ user: z.string(), error: z.string() })).default([]) })

/** Slack lets in those it can with `force`, and names the others. When all of them fail it says only one error. */
async function inviteThem(parts: IncidentSpeaking, channel: string, users: string[]): Promise<Asked> {
  const told = await ask(parts, 'conversations.invite', { channel, users: users.join(','), force: true })
  if (told.kind === 'later') return told
  const errors =
    told.kind === 'ok' ? errorsShape.parse(told.data).errors : users.map((user) => ({ user, error: told.error }))
  if (told.kind === 'no' && users.length > 1 && told.error !== 'missing_scope') return inviteEach(parts, channel, users)
  return { kind: 'asked', refused: errors.filter(({ error }) => !isThere.has(error)) }
}

const isThere = new Set(['already_in_channel', 'cant_invite_self'])

async function inviteEach(parts: IncidentSpeaking, channel: string, users: string[]): Promise<Asked> {
  const refused: { user: string; error: string }[] = []
  for (const user of users) {
    const one = await inviteThem(parts, channel, [user])
    if (one.kind === 'later') return one
    refused.push(...one.refused)
  }
  return { kind: 'asked', refused }
}

function notAll(refused: { user: string; error: string }[], unknown: string[], invited: string[]): Piece {
  if (refused.some(({ error }) => error === 'missing_scope'))
    return {
      kind: 'trouble',
      text: 'Nobody could be invited: Slack says missing_scope.',
      next: 'Install the app again with the current manifest.yml. Until then invite people by hand: /invite @name.',
      again: 600_000,
    }
  const words = [
    ...refused.slice(0, 5).map(({ user, error }) => `@${user} (${error})`),
    ...unknown.map((handle) => `the members of @${handle} (cannot be told)`),
  ]
  const text = `Not everybody is here: ${list(words)} could not be invited.`
  const again = unknown.length > 0 ? 60_000 : null
  return { kind: 'trouble', text, next: 'Invite them by hand: /invite @name.', again, room: { invited } }
}
