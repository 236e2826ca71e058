import { ZodError } from 'zod'
import { failed, faulted, ShipmateError, timedOut } from '../../errors.js'
import { masked } from '../../log.js'

/** What a database said no with, in our words. Its own words never hold the password, but may hold the role's name. */
export function databaseError(name: string, thrown: unknown): ShipmateError {
  if (thrown instanceof ShipmateError) return thrown
  if (thrown instanceof ZodError)
    return faulted('unexpected', `${name} answered with columns of another kind: ${thrown.issues[0]?.message}`)
  const { code = '', message = String(thrown) } = thrown as { code?: string; message?: string }
  const came = masked(message || code).slice(0, 300)
  const more = { came, details: { code } }
  if (code === '53300')
    return failed('database-full', `${name} has no free connection`, {
      ...more,
      next: 'End idle sessions, or restart whoever leaks connections.',
    })
  if (code.startsWith('28') || code === '3D000')
    return failed('database-unauthorized', `${name} does not let us in: ${came}`, {
      ...more,
      next: 'Check the role, the password and the database in the reference that the operator’s file gives.',
    })
  if (code === '42501')
    return failed('database-not-allowed', `our role may not do that in ${name}: ${came}`, {
      ...more,
      next: 'docs/integrations/postgres.md has the grants that the roles need.',
    })
  if (code === '57014' || code === '55P03' || /query read timeout/i.test(message))
    return timedOut('watched-slow', `${name} did not answer within 5 s`, { ...more, transient: true })
  if (isNetwork(code, message))
    return failed('watched-unreachable', `${name} cannot be reached: ${came}`, {
      ...more,
      transient: true,
      next: 'Look whether the server runs and its address is right.',
    })
  return failed('database-refused', `${name} refused: ${came}`, more)
}

// 57P0x: the server stops, crashed or is still starting. 08xxx: the connection broke.
const isNetwork = (code: string, message: string) =>
  /^(57P0|08)/.test(code) ||
  /^E[A-Z]+$/.test(code) ||
  /timeout expired|connection terminated|connection ended|client was closed|getaddrinfo/i.test(message)
