import type { FastifyError, FastifyReply } from 'fastify'
import type { ZodError } from 'zod'
import type { Refusal } from '../commands/reply.js'
import { asShipmateError, type ErrorKind, refused, type ShipmateError } from '../errors.js'

/** The body of every answer that is not 2xx. */
export type ErrorBody = { error: Refusal & { kind: ErrorKind } }

const statusOfKind: { [kind in ErrorKind]: number } = {
  refused: 403,
  failed: 502,
  faulted: 500,
  'timed out': 504,
  stopped: 409,
  lost: 500,
}

const statusOfCode: { [code: string]: number } = {
  'token-missing': 401,
  'token-unknown': 401,
  'request-malformed': 400,
  'request-too-large': 413,
  'no-such-run': 404,
  'no-such-page': 404,
}

/** Answers with what was refused, why and the way forward; the cause stays in the log. */
export function sendError(reply: FastifyReply, thrown: unknown): FastifyReply {
  const error = isTransport(thrown) ? fromTransport(thrown) : asShipmateError(thrown)
  if (error.kind === 'faulted') return reply.code(500).send({ error: { kind: 'faulted', ...faultWords(error) } })
  const status = statusOfCode[error.code] ?? statusOfKind[error.kind]
  if (status === 401) reply.header('www-authenticate', 'Bearer realm="shipmate"')
  return reply.code(status).send({ error: { kind: error.kind, ...words(error) } } satisfies ErrorBody)
}

/** A body that does not have the shape we need: the first thing wrong with it, in one line. */
export function malformed(error: ZodError): ShipmateError {
  const issue = error.issues[0]
  const at = issue && issue.path.length > 0 ? issue.path.join('.') : 'the body'
  return refused('request-malformed', 'The request was not understood.', {
    came: `${at}: ${issue?.message ?? 'not as documented'}`,
    next: 'Send JSON as described in docs/operations/http.md.',
  })
}

function words(error: ShipmateError): Refusal {
  const why = error.wanted && error.came ? `Wanted ${error.wanted}, came ${error.came}.` : (error.came ?? error.wanted)
  return { code: error.code, what: error.message, why: why ?? '', next: error.next ?? '' }
}

// A fault's own message may quote anything, so people get its code and the log has the rest.
function faultWords(error: ShipmateError): Refusal {
  return {
    code: error.code,
    what: 'Shipmate broke while answering.',
    why: 'The cause is in its log.',
    next: error.next ?? 'Try again; if it stays, look for this code in the log.',
  }
}

const isTransport = (thrown: unknown): thrown is FastifyError =>
  thrown instanceof Error && 'statusCode' in thrown && typeof thrown.statusCode === 'number' && thrown.statusCode < 500

function fromTransport(error: FastifyError): ShipmateError {
  if (error.statusCode === 413) {
    return refused('request-too-large', 'The request is too large.', {
      wanted: 'at most 16 kB of JSON',
      came: 'more',
      next: 'Shorten the words; a command fits in one line.',
    })
  }
  return refused('request-malformed', 'The request was not understood.', {
    came: error.message,
    next: 'Send JSON as described in docs/operations/http.md.',
  })
}
