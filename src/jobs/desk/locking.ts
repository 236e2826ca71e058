import { randomBytes } from 'node:crypto'
import type { Act, Asker } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import { type Catalogue, environmentOf, placedIn, resourceOf } from '../../releases/catalogue.js'
import { shownDuration } from '../../releases/durations.js'
import { shownLock } from '../../releases/locks.js'
import type { Standing } from '../../releases/people.js'
import { denied, unproven } from '../../releases/permission.js'
import { hashOfToken } from '../../releases/tokens.js'
import type { LockHolder } from '../../runs/ports.js'
import { type DeskParts, refusal, standingOf } from './parts.js'

/** Locks, unlocks and tokens: acts that start no run. */
export async function act(parts: DeskParts, wanted: Act, asker: Asker): Promise<Reply> {
  const standing = await standingOf(parts, asker)
  if (wanted.name === 'token') return token(parts, wanted.what, standing, asker)
  const environment = environmentOf(parts.catalogue, wanted.environment)
  if (!environment) return { kind: 'said', text: `There is no environment ${wanted.environment}.` }
  const denial = denied('lock', environment, standing, parts.clock.now())
  if (denial) return refusal(denial)
  const services = wanted.service ? [wanted.service] : placedIn(parts.catalogue, wanted.environment)
  const resources = services.map((service) => resourceOf(service, wanted.environment))
  return wanted.name === 'lock' ? lock(parts, resources, wanted, asker) : unlock(parts, resources, standing, asker)
}

async function lock(
  parts: DeskParts,
  resources: string[],
  { environment, reason, forMs }: Extract<Act, { name: 'lock' }>,
  { actor }: Asker,
): Promise<Reply> {
  const now = parts.clock.now()
  const expires = forMs === null ? null : new Date(now.getTime() + forMs)
  const taken: LockHolder[] = []
  for (const resource of resources) {
    const holder = await parts.locks.hold(resource, actor, reason, now, expires)
    if (holder.run !== null || holder.by.id !== actor.id) {
      for (const mine of taken) await parts.locks.letGo(mine.resource, actor, now)
      return refusal(heldAlready(holder, now))
    }
    taken.push(holder)
  }
  const lasts = forMs === null ? 'until somebody unlocks it' : `for ${shownDuration(forMs)}`
  const text = `${resources.join(', ')} is locked by you ${lasts}: ${reason}.`
  return { kind: 'said', text: `${text}\nNobody can deploy there. To end it: /ops unlock ${environment}` }
}

function heldAlready(holder: LockHolder, now: Date) {
  const run = holder.run
  return {
    code: 'locked-already',
    what: `${holder.resource} was not locked.`,
    why: run === null ? `It is locked by ${shownLock(holder, now)}.` : `#${run} is changing it.`,
    next: run === null ? `Ask ${holder.by.name}.` : `Wait for #${run}, or cancel it.`,
  }
}

async function unlock(parts: DeskParts, resources: string[], standing: Standing | null, asker: Asker): Promise<Reply> {
  const now = parts.clock.now()
  const held = (await parts.locks.holders()).filter((holder) => resources.includes(holder.resource))
  const foreign = held.find((holder) => holder.run === null && !mayUnlock(parts.catalogue, holder, standing))
  if (foreign)
    return refusal({
      code: 'lock-of-another',
      what: `${foreign.resource} stays locked.`,
      why: `It is locked by ${shownLock(foreign, now)}.`,
      next: `Ask ${foreign.by.name}, or somebody in @${parts.catalogue.slack.adminGroup}.`,
    })
  const freed: LockHolder[] = []
  for (const { resource } of held) {
    const gone = await parts.locks.letGo(resource, asker.actor, now)
    if (gone) freed.push(gone)
  }
  if (freed.length === 0) return { kind: 'said', text: `${resources.join(', ')} is not locked.` }
  const words = freed.map((holder) => `${holder.resource} (was locked by ${shownLock(holder, now)})`)
  return { kind: 'said', text: `Unlocked: ${words.join(', ')}.\nPeople can deploy there again.` }
}

/** One's own lock; anybody's for admins; anybody's for all who may lock when the operator names no admins. */
function mayUnlock({ slack }: Catalogue, { by }: LockHolder, standing: Standing | null): boolean {
  if (standing === null) return false
  return by.id === standing.id || slack.adminGroup === null || standing.groups.includes(slack.adminGroup)
}

const tokenLasts = 90 * 86_400_000

async function token(
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
