import type { FastifyInstance } from 'fastify'
import { sendFile } from '../api/file-routes.js'
import { homeOf, stackOf } from '../interaction/modals.js'
import { channelFor, personOf } from '../interaction/who.js'
import type { MessagePage } from '../protocol.js'
import { tabsOf } from '../shapes/canvas.js'
import type { World } from '../world.js'
import { canvasSeen, channelsSeen, isTopLevel, messageSeen, sees, viewSeen, workspaceSeen } from './views.js'

type As = { user: string }
type In = As & { channel: string }

const PAGE = 100

/** Serves what a person sees. */
export function serveReads(server: FastifyInstance, world: World): void {
  server.get('/workspace', () => workspaceSeen(world))

  server.get<{ Params: As }>('/as/:user/channels', ({ params }) => channelsSeen(world, personOf(world, params.user)))

  server.get<{ Params: In; Querystring: { before?: string; limit?: string } }>(
    '/as/:user/channels/:channel/messages',
    ({ params, query }) => messagePage(world, params, query.before, Number(query.limit ?? PAGE)),
  )

  server.get<{ Params: In & { ts: string } }>('/as/:user/channels/:channel/threads/:ts', ({ params }) => {
    const person = personOf(world, params.user)
    const channel = channelFor(world, person, params.channel)
    const parent = world.state.messages.find(channel.id, params.ts)
    const rows = [...(parent ? [parent] : []), ...world.state.messages.replies(channel.id, params.ts)]
    return rows.filter((row) => sees(person, row)).map((row) => messageSeen(world, person, row))
  })

  server.get<{ Params: In }>('/as/:user/channels/:channel/canvases', ({ params }) => {
    const channel = channelFor(world, personOf(world, params.user), params.channel)
    return tabsOf(world, channel.id).map(canvasSeen)
  })

  server.get<{ Params: As }>('/as/:user/home', ({ params }, reply) => {
    const view = homeOf(world, personOf(world, params.user).id)
    return reply.type('application/json').send(JSON.stringify(view ? viewSeen(view) : null))
  })

  server.get<{ Params: As }>('/as/:user/modals', ({ params }) =>
    stackOf(world, personOf(world, params.user).id).map(viewSeen),
  )

  server.get<{ Params: { id: string } }>('/files/:id/:name', ({ params }, reply) => sendFile(world, reply, params.id))
}

function messagePage(world: World, params: In, before: string | undefined, limit: number): MessagePage {
  const person = personOf(world, params.user)
  const channel = channelFor(world, person, params.channel)
  const rows = world.state.messages
    .in(channel.id)
    .filter((row) => isTopLevel(row) && sees(person, row) && (!before || Number(row.ts) < Number(before)))
  const page = rows.slice(-Math.max(1, limit))
  return { messages: page.map((row) => messageSeen(world, person, row)), has_more: page.length < rows.length }
}
