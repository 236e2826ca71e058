import type { FastifyInstance, FastifyReply } from 'fastify'
import type { World } from '../world.js'
import { UPLOAD_PATH } from './files.js'
import { tokenKind } from './gate.js'
import { incoming } from './incoming.js'

/** Takes the bytes of uploads and gives them back to who carries the app's token. */
export function serveFiles(server: FastifyInstance, world: World): void {
  server.post<{ Params: { id: string } }>(`${UPLOAD_PATH}:id`, (request, reply) => {
    const row = world.state.files.get(request.params.id)
    const bytes = bytesOf(request.body)
    if (row?.state !== 'waiting' || !bytes) return reply.status(404).send('file_not_found')
    world.bytes.write(row.id, bytes)
    world.state.files.put({ ...row, size: bytes.length, state: 'uploaded' })
    return reply.type('text/plain').send(`OK - ${bytes.length}`)
  })

  server.get<{ Params: { id: string; name: string } }>('/files-pri/:id/:name', (request, reply) => {
    if (tokenKind(world, incoming(request).token) !== 'bot') return reply.status(403).send({ error: 'not_authed' })
    return sendFile(world, reply, request.params.id.replace(`${world.team.id}-`, ''))
  })
}

/** Answers with a file's bytes; never as something that a browser would run. */
export function sendFile(world: World, reply: FastifyReply, id: string): FastifyReply {
  const row = world.state.files.get(id)
  const bytes = world.bytes.read(id)
  if (!row || !bytes) return reply.status(404).send({ error: 'file_not_found' })
  const shown = /^(image\/(png|gif|jpeg)|text\/(plain|csv|markdown)|application\/pdf)$/.test(row.mimetype)
  return reply
    .header('x-content-type-options', 'nosniff')
    .header(
      'content-disposition',
      `${shown ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(row.name)}`,
    )
    .type(row.mimetype)
    .send(bytes)
}

function bytesOf(body: unknown): Buffer | undefined {
  if (Buffer.isBuffer(body)) return body
  if (typeof body === 'string') return Buffer.from(body)
  const parts = body && typeof body === 'object' ? Object.values(body) : []
  return parts.find((part) => Buffer.isBuffer(part))
}
