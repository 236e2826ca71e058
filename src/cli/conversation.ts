import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { timeLimit } from '../clock.js'
import type { Press } from '../commands/command.js'
import type { Noted } from '../commands/reply.js'
import { failed, ShipmateError } from '../errors.js'
import type { Actor, RunId, RunView } from '../runs/run.js'
import type { Instance } from './instance.js'
import { revived } from './revived.js'

/** Speaks to one Shipmate as one person. Every call throws a ShipmateError when it is not answered as asked. */
export type Conversation = {
  me(): Promise<{ person: Actor; team: string }>
  say(command: string, words: string): Promise<Noted>
  press(press: Press): Promise<Noted>
  run(run: RunId): Promise<RunView>
  audit(run?: RunId): Promise<AuditVerdict>
  /** The run at each change, until it has ended or the signal aborts. */
  watch(run: RunId, stop: AbortSignal): AsyncGenerator<RunView>
}

/** Where chains of the audit trail break; none when every row is as it was written. */
export type AuditVerdict = { rows: number; broken: { run: RunId; position: number; what: string }[] }

/** A command is answered in seconds; a run that takes longer is watched. */
const patience = 30_000

export function converse(instance: Instance): Conversation {
  const ask = async <T>(path: string, init: RequestInit): Promise<T> => {
    const response = await reach(instance, path, { signal: timeLimit(patience), ...init })
    const body = revived(await response.text())
    if (!response.ok || body === null) throw answeredError(response.status, body)
    return body as T
  }
  const post = <T>(path: string, body: object) =>
    ask<T>(path, { method: 'POST', body: JSON.stringify({ ...body, requestKey: randomUUID() }) })
  return {
    me: () => ask('/v1/me', {}),
    say: (command, words) => post('/v1/say', { command, words }),
    press: (press) => post('/v1/press', { press }),
    run: (run) => ask(`/v1/runs/${run}`, {}),
    audit: (run) => ask(`/v1/audit${run === undefined ? '' : `?run=${run}`}`, {}),
    watch: (run, stop) => watch(instance, run, stop),
  }
}

async function* watch(instance: Instance, run: RunId, stop: AbortSignal): AsyncGenerator<RunView> {
  const response = await reach(instance, `/v1/runs/${run}/events`, { signal: stop })
  if (!response.ok) throw answeredError(response.status, revived(await response.text()))
  if (!response.body) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const events = (rest + read.value).split('\n\n')
      rest = events.pop() ?? ''
      yield* events.flatMap(viewsIn)
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

function viewsIn(event: string): RunView[] {
  const data = /^data: (.*)$/m.exec(event)?.[1]
  return data ? [revived(data) as RunView] : []
}

async function reach(instance: Instance, path: string, init: RequestInit): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${instance.token}` }
  if (init.body) headers['content-type'] = 'application/json'
  try {
    return await fetch(instance.url + path, { ...init, headers })
  } catch (cause) {
    if (init.signal?.aborted && init.signal.reason?.name !== 'TimeoutError') throw cause
    throw unreachable(instance, cause)
  }
}

/** Nobody answered at that address. */
export const unreachable = (instance: { url: string }, cause?: unknown): ShipmateError =>
  failed('shipmate-unreachable', `Shipmate does not answer at ${instance.url}.`, {
    wanted: 'an answer over HTTP',
    came: reasonOf(cause),
    next: 'Start it with `npm start`, or set SHIPMATE_URL to where it runs.',
    cause,
  })

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  if (inner instanceof Error) return 'code' in inner ? String(inner.code) : inner.message
  return 'none'
}

const errorBody = z.object({
  error: z.object({
    kind: z.enum(['refused', 'failed', 'faulted', 'timed out', 'stopped', 'lost']),
    code: z.string(),
    what: z.string(),
    why: z.string(),
    next: z.string(),
  }),
})

function answeredError(status: number, body: unknown): ShipmateError {
  const parsed = errorBody.safeParse(body)
  if (!parsed.success) {
    return failed('answer-unknown', 'What answered is not Shipmate.', {
      wanted: 'JSON with an `error`',
      came: `status ${status} with something else`,
      next: 'Check SHIPMATE_URL.',
    })
  }
  const { kind, code, what, why, next } = parsed.data.error
  return new ShipmateError(kind, code, what, { came: why, next })
}
