import { randomBytes } from 'node:crypto'
import type { Asker } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import type { Standing } from '../../releases/people.js'
import { unproven } from '../../releases/permission.js'
import { hashOfToken } from '../../releases/tokens.js'
import { type DeskParts, refusal } from './parts.js'

const tokenLasts = 90 * 86_400_000

/** Issues a personal token for the terminal, or ends it. */
export async function token(
  parts: DeskParts,
  what: 'issue' | 'revoke',
  standing: Standing | null,
  asker: Asker,
): Promise<Reply> {
  const now = parts.clock.now()
  const denial = unproven(standing, now, 'You may not hold a token.')
  if (denial) return refusal(denial)
  if (what === 'revoke') {
    const had = await parts.tokens.revoke(asker.actor.id, asker.team, now)
    return { kind: 'said', text: had ? 'Your token no longer works.' : 'You hold no token.' }
  }
  // A stolen token must not be able to renew itself.
  if (asker.via === 'terminal')
    return refusal({
      code: 'token-from-slack',
      what: 'A token is not given to the terminal.',
      why: 'You prove who you are in Slack, and only there.',
      next: 'Type /ops token in Slack.',
    })
  const secret = `shp_${randomBytes(32).toString('base64url')}`
  const expires = new Date(now.getTime() + tokenLasts)
  await parts.tokens.issue(asker.actor, asker.team, hashOfToken(secret), now, expires)
  return { kind: 'token', token: secret, expires }
}
