import { randomBytes } from 'node:crypto'
import { inZone } from '../../clock.js'
import type { Act, Asker } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import type { Catalogue } from '../../releases/catalogue.js'
import { shownDuration } from '../../releases/durations.js'
import type { Standing } from '../../releases/people.js'
import { unproven } from '../../releases/permission.js'
import { hashOfToken } from '../../releases/tokens.js'
import { type DeskParts, refusal } from './parts.js'

const tokenLasts = 90 * 86_400_000

/** Issues a personal token for the terminal, ends one, or says which there are. */
export async function token(
  parts: DeskParts,
  { what, of }: Extract<Act, { name: 'token' }>,
  standing: Standing | null,
  asker: Asker,
): Promise<Reply> {
  const now = parts.clock.now()
  const denial = unproven(standing, now, 'You may not hold a token.')
  if (denial) return refusal(denial)
  if (what === 'list') return listed(parts, standing, asker)
  if (what === 'revoke') return revoked(parts, of ?? asker.actor.id, standing, asker)
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

const isAdmin = ({ slack }: Catalogue, standing: Standing | null): boolean =>
  slack.adminGroup !== null && (standing?.groups.includes(slack.adminGroup) ?? false)

/** One's own; anybody's for admins, such as when a laptop was lost. */
async function revoked(parts: DeskParts, person: string, standing: Standing | null, asker: Asker): Promise<Reply> {
  const own = person === asker.actor.id
  if (!own && !isAdmin(parts.catalogue, standing))
    return refusal({
      code: 'token-of-another',
      what: 'That token stays as it is.',
      why: 'Only its holder and members of slack.adminGroup may end a token.',
      next: parts.catalogue.slack.adminGroup
        ? `Ask somebody in @${parts.catalogue.slack.adminGroup}.`
        : 'Ask its holder.',
    })
  const had = await parts.tokens.revoke(person, asker.team, asker.actor, parts.clock.now())
  if (own) return { kind: 'said', text: had ? 'Your token no longer works.' : 'You hold no token.' }
  return { kind: 'said', text: had ? 'That token no longer works.' : 'That person holds no token.' }
}

/** Never the tokens themselves: only their hashes are kept. */
async function listed(parts: DeskParts, standing: Standing | null, asker: Asker): Promise<Reply> {
  const now = parts.clock.now()
  const all = await parts.tokens.list(asker.team, now)
  const seen = isAdmin(parts.catalogue, standing) ? all : all.filter(({ person }) => person.id === asker.actor.id)
  if (seen.length === 0) return { kind: 'said', text: 'You hold no token.' }
  const day = (at: Date) => inZone(at, parts.catalogue.zone).format('YYYY-MM-DD')
  const lines = seen.map(
    ({ person, issuedAt, expires }) =>
      `${person.name}: issued ${day(issuedAt)}, ends ${day(expires)} (in ${shownDuration(expires.getTime() - now.getTime())})`,
  )
  return { kind: 'said', text: `Tokens that work now:\n${lines.join('\n')}` }
}
