import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Asker } from '../commands/command.js'
import type { TokenDesk } from '../jobs/token-desk.js'
import type { Caller } from './caller.js'
import { malformed } from './refusals.js'

/** What people may do here: speak a command, press what a card offers. */
export type SpokenDesk = TokenDesk

const requestKey = z.string().min(8).max(100)
const said = z.strictObject({
  command: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'a command such as deploy'),
  words: z.string().max(8_000),
  requestKey,
})

const run = z.number().int().positive()
const shown = { run, step: z.string().min(1).max(200), round: z.number().int().min(0), digest: z.string().max(128) }
const reason = z.string().max(3_000)
const pressed = z.strictObject({
  press: z.discriminatedUnion('name', [
    z.strictObject({ name: z.enum(['approve', 'confirm']), ...shown }),
    z.strictObject({ name: z.literal('reject'), ...shown, reason }),
    z.strictObject({ name: z.literal('choose'), ...shown, answer: z.string().max(200), reason }),
    z.strictObject({ name: z.literal('cancel'), run, reason }),
    z.strictObject({ name: z.literal('roll back'), run }),
    z.strictObject({ name: z.literal('retry'), run }),
  ]),
  requestKey,
})

/** `POST /v1/say`, `POST /v1/press` and `GET /v1/me`, each as the person the token was issued to. */
export function spokenRoutes(
  app: FastifyInstance,
  desk: SpokenDesk,
  caller: (request: FastifyRequest) => Caller,
): void {
  app.get('/v1/me', async (request) => caller(request))
  app.post('/v1/say', async (request) => {
    const body = read(said, request.body)
    return desk.say(body.words, body.command, asker(caller(request), body.requestKey))
  })
  app.post('/v1/press', async (request) => {
    const body = read(pressed, request.body)
    return desk.press(body.press, asker(caller(request), body.requestKey))
  })
}

// Keys are the caller's own, so nobody can answer with somebody else's run by guessing a key.
const asker = ({ person, team }: Caller, key: string): Asker => ({
  actor: person,
  team,
  via: 'terminal',
  requestKey: `terminal:${person.id}:${key}`,
})

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body)
  if (!parsed.success) throw malformed(parsed.error)
  return parsed.data
}
