import type { FastifyInstance } from 'fastify'
import { sendToApp, tellApp } from '../acts/app-events.js'
import { addMember } from '../acts/channels.js'
import { post } from '../acts/messages.js'
import { setBookmark } from '../api/bookmarks.js'
import { keepGroup } from '../api/people.js'
import type { Sockets } from '../delivery/sockets.js'
import type { Person } from '../protocol.js'
import { Refusal } from '../refusal.js'
import { appMessages, seed } from '../seed.js'
import { personJson } from '../shapes/person.js'
import type { ChannelRow, GroupRow, PersonRow } from '../state/rows.js'
import type { World } from '../world.js'
import { bodies } from './bodies.js'
import { personSeen } from './views.js'

type Since = { Querystring: { since?: string } }

/** Serves the orders of tests and demos: logs, faults, the clock, sockets, people. */
export function serveOrders(
  server: FastifyInstance,
  world: World,
  parts: { sockets: Sockets; reset: (keep: { people: boolean }) => void },
): void {
  server.get<Since>('/log', ({ query }) => world.calls.since(Number(query.since ?? 0)))
  server.get<Since>('/deliveries', ({ query }) => world.delivery.log.since(Number(query.since ?? 0)))
  server.post('/redeliver', async ({ body }) => {
    const { seq, times } = bodies.redeliver.parse(body)
    if (!(await world.delivery.again(seq, times))) throw new Refusal(`There is no delivery ${seq}.`)
    return { ok: true }
  })
  server.post('/clock', ({ body }) => {
    world.clock.advance(bodies.clock.parse(body).advance_ms)
    return { now_ms: world.clock.now() }
  })
  server.post('/faults', ({ body }) => {
    world.faults.order(bodies.fault.parse(body))
    return { ok: true }
  })
  server.delete('/faults', () => {
    world.faults.clear()
    return { ok: true }
  })
  server.post('/sockets', ({ body }) => ({ open: parts.sockets.order(bodies.socket.parse(body).order) }))
  server.post('/limits', ({ body }) => {
    world.limits.enabled = bodies.limits.parse(body).enabled
    return { ok: true }
  })
  server.post('/people', ({ body }) => hire(world, bodies.person.parse(body)))
  server.post('/groups', ({ body }) => {
    const { handle, users } = bodies.group.parse(body)
    keepGroup(world, { ...groupNamed(world, handle), users, disabled: false })
    return { ok: true }
  })
  server.post('/notices', ({ body }) => {
    const { channel, text } = bodies.notice.parse(body)
    const told = world.state.messages.in(channel).some((row) => row.user === 'USLACKBOT' && row.text === text)
    if (!told) post(world, channelNamed(world, channel), { user: 'USLACKBOT', text })
    return { ok: true }
  })
  server.post('/bookmarks', ({ body }) => {
    const { channel, ...bookmark } = bodies.bookmark.parse(body)
    setBookmark(world, channelNamed(world, channel), bookmark)
    return { ok: true }
  })
  server.post('/event', ({ body }) => {
    sendToApp(world, bodies.event.parse(body).event)
    return { ok: true }
  })
  server.post('/reset', ({ body }) => {
    parts.reset({ people: bodies.reset.parse(body ?? undefined).keep_people })
    return { ok: true }
  })
}

function hire(
  world: World,
  given: { name: string; real_name?: string; title?: string; kind?: Person['kind'] },
): Person {
  const { name, real_name = name, title = '', kind = 'member' } = given
  const color = `hsl(${Math.floor(Math.random() * 360)} 45% 50%)`
  const id = world.state.ids.next('U')
  const fields = { id, name, real_name, title, kind, color, deleted: false, tz: 'Etc/UTC' }
  const row: PersonRow = world.state.people.put({ ...fields, email: `${name}@${world.team.domain}.example` })
  world.changes.tellAll({ kind: 'people' })
  tellApp(world, { type: 'team_join', user: personJson(world, row) })
  if (kind === 'bot') return personSeen(row)
  world.state.channels.put(appMessages(id, Math.floor(world.clock.now() / 1000)))
  const general = world.state.channels.get(seed.channels.general)
  if (general && kind === 'member') addMember(world, general, id)
  return personSeen(row)
}

function channelNamed(world: World, id: string): ChannelRow {
  const channel = world.state.channels.get(id)
  if (!channel) throw new Refusal(`There is no channel ${id}.`)
  return channel
}

function groupNamed(world: World, handle: string): GroupRow {
  const known = world.state.groups.all().find((row) => row.handle === handle)
  const now = Math.floor(world.clock.now() / 1000)
  const fresh = { id: world.state.ids.next('S'), handle, name: handle, description: '', users: [] }
  return known ?? { ...fresh, created: now, updated: now, disabled: false }
}
