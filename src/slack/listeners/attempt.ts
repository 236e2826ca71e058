import { randomBytes } from 'node:crypto'
import type { Reply } from '../../commands/reply.js'
import { ShipmateError } from '../../errors.js'
import type { FaceParts } from './parts.js'

/** Does what was asked. What breaks becomes one line that helps, and the log has the cause under the same reference. */
export async function attempt(
  parts: FaceParts,
  what: string,
  team: string | null,
  work: () => Promise<Reply>,
): Promise<Reply> {
  try {
    return foreign(parts, team) ?? (await work())
  } catch (thrown) {
    return brokenReply(parts, what, thrown)
  }
}

/** As a refusal in three parts; never a stack trace. */
export function brokenReply(parts: FaceParts, what: string, thrown: unknown): Reply {
  const reference = randomBytes(3).toString('hex').toUpperCase()
  if (thrown instanceof ShipmateError && thrown.kind !== 'faulted') {
    parts.log.info({ code: thrown.code, reference, err: thrown }, `${what}: ${thrown.kind}`)
    const why = [thrown.wanted && `Wanted: ${thrown.wanted}.`, thrown.came && `Came: ${thrown.came}.`]
      .filter(Boolean)
      .join(' ')
    return refusal(
      thrown.code,
      thrown.message,
      why,
      thrown.next ?? `Try again; if it stays so, name the reference ${reference}.`,
    )
  }
  parts.log.error({ reference, err: thrown }, `${what}: broke`)
  return refusal(
    'unexpected',
    'Shipmate broke while it did that.',
    `The cause is in its log under the reference ${reference}.`,
    'Try again: the same request is never done twice. If it happens again, tell the reference to whoever runs Shipmate.',
  )
}

/** One workspace per installation: people of another one hold no role here. Closed until the app knows its own. */
function foreign({ identity }: FaceParts, team: string | null): Reply | null {
  const home = identity.known()
  if (home && team === home.team) return null
  if (!home)
    return refusal(
      'not-ready',
      'Shipmate cannot check who you are yet.',
      'It has not reached Slack since it started.',
      'Try again in a moment.',
    )
  return refusal(
    'foreign-workspace',
    'Shipmate does not take this from your workspace.',
    `It serves ${home.teamName} alone.`,
    'Ask somebody of that workspace.',
  )
}

export const refusal = (code: string, what: string, why: string, next: string): Reply => ({
  kind: 'refused',
  refusal: { code, what, why, next },
})
