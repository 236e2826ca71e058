import type { FastifyRequest } from 'fastify'
import { refused } from '../errors.js'
import type { Directory } from '../releases/people.js'
import { unproven } from '../releases/permission.js'
import { hashOfToken, type Tokens } from '../releases/tokens.js'
import type { Actor } from '../runs/run.js'

/** Who speaks over HTTP: the holder of a personal token, never a name in the body. */
export type Caller = { person: Actor; team: string }

/**
 * The caller, or an error: `token-missing`, `token-unknown`, why this person may do nothing any more (`barred`), or why
 * that cannot be told.
 */
export async function callerOf(
  request: FastifyRequest,
  { tokens, people }: { tokens: Tokens; people: Pick<Directory, 'standing'> },
  now: Date,
): Promise<Caller> {
  const token = /^Bearer (shp_[A-Za-z0-9_-]{16,200})$/.exec(request.headers.authorization ?? '')?.[1]
  if (!token) throw tokenMissing()
  const holder = await tokens.holder(hashOfToken(token), now)
  if (!holder) throw tokenUnknown()
  const denial = unproven(await people.standing(holder.person.id), now, 'Your token opens nothing now.')
  if (denial) throw refused(denial.code, denial.what, { came: denial.why, next: denial.next })
  return holder
}

const forward = 'Get a token in Slack with `/ops token`, then run `shipmate login`.'

const tokenMissing = () =>
  refused('token-missing', 'Shipmate does not know who you are.', {
    wanted: 'the header `Authorization: Bearer shp_…`',
    came: 'none in that form',
    next: forward,
  })

const tokenUnknown = () =>
  refused('token-unknown', 'This token opens nothing.', {
    wanted: 'a personal token that is valid now',
    came: 'one that is unknown, replaced, revoked or expired',
    next: forward,
  })
