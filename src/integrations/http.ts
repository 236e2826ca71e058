import axios, { type AxiosInstance, isAxiosError } from 'axios'
import type { z } from 'zod'
import { timeLimit } from '../clock.js'
import { type ErrorDetails, failed, faulted, ShipmateError, timedOut } from '../errors.js'
import { type Log, masked } from '../log.js'

export type HttpOptions = {
  /** What the other side is called in messages: "web-1", "GitHub". */
  name: string
  baseUrl: string
  /** Sent as a bearer token; never in an error or a log. */
  token?: string
  /** How the token is sent where it is no bearer's: `OAuth `, `Token token=`. */
  scheme?: string
  /** Sent with every call. */
  headers?: { [name: string]: string }
  /** Host names (with port, where the URL has one) that may be called. */
  allowedHosts: string[]
  /** Milliseconds for a whole call. */
  timeoutMs?: number
  /** Of an answer. */
  maxBytes?: number
  log: Log
}

/**
 * What an address answers to HEAD: its status, whatever it is; redirects are not followed. Throws where the host may not be
 * called, and where nothing answers in time.
 */
export async function headStatus(
  address: string,
  { allowedHosts, timeoutMs, signal }: { allowedHosts: string[]; timeoutMs: number; signal: AbortSignal },
): Promise<number> {
  const { host } = new URL(address)
  if (!allowedHosts.includes(host))
    throw faulted('host-not-allowed', `${host} is not among the hosts that may be called`)
  const { status } = await axios.head(address, {
    ...{ maxRedirects: 0, proxy: false, validateStatus: () => true },
    signal: timeLimit(timeoutMs, signal),
  })
  return status
}

export type CallOptions = { signal?: AbortSignal; timeoutMs?: number; headers?: { [name: string]: string } }

export type Http = {
  get<T>(path: string, answer: z.ZodType<T>, options?: CallOptions): Promise<T>
  /** An answer that is not JSON, as it came. */
  text(path: string, options?: CallOptions): Promise<string>
  put<T>(path: string, body: object, answer: z.ZodType<T>, options?: CallOptions): Promise<T>
  post<T>(path: string, body: object, answer: z.ZodType<T>, options?: CallOptions): Promise<T>
  patch<T>(path: string, body: object, answer: z.ZodType<T>, options?: CallOptions): Promise<T>
  delete<T>(path: string, body: object, answer: z.ZodType<T>, options?: CallOptions): Promise<T>
}

/**
 * JSON over HTTP with one named system: no redirects, size caps, answers parsed by a schema. Throws ShipmateError with the
 * other side's own words; connection errors, 429 and 502-504 are transient. `details.status` and `details.answer` carry
 * what came.
 */
export function createHttp(options: HttpOptions): Http {
  const { name, baseUrl, allowedHosts, timeoutMs = 10_000, maxBytes = 1024 * 1024, log } = options
  const { host } = new URL(baseUrl)
  if (!allowedHosts.includes(host))
    throw faulted('host-not-allowed', `${name} is at ${host}, which is not among the hosts that may be called`, {
      wanted: `one of ${allowedHosts.join(', ')}`,
      came: host,
      next: 'Name the host in the operator’s file.',
    })
  const client: AxiosInstance = axios.create({
    baseURL: baseUrl,
    maxRedirects: 0,
    maxContentLength: maxBytes,
    maxBodyLength: 1024 * 1024,
    proxy: false,
    responseType: 'text',
    transformResponse: (text: unknown) => text,
    validateStatus: () => true,
    headers: { ...options.headers, ...authorization(options) },
  })
  const speak = speaker(options)

  async function once<T>({ method, path, body, more, read }: Call<T>): Promise<T> {
    if (!path.startsWith('/') || path.startsWith('//')) throw faulted('path-invalid', `${path} is not a path`)
    const limit = more.timeoutMs ?? timeoutMs
    const deadline = timeLimit(limit)
    const signal = more.signal ? AbortSignal.any([deadline, more.signal]) : deadline
    const named = `${method} ${path}`
    const given = more.headers ? { headers: more.headers } : {}
    try {
      const { status, data, headers } = await client.request<string>({
        method,
        url: path,
        data: body,
        signal,
        ...given,
      })
      log.debug({ name, method, path, status }, 'called')
      if (status >= 200 && status < 300) return read(data)
      throw speak.refusal(status, data, retryAfter(headers['retry-after']), named)
    } catch (error) {
      if (error instanceof ShipmateError) throw error
      if (more.signal?.aborted) throw new ShipmateError('stopped', 'call-stopped', `the call to ${name} was broken off`)
      if (deadline.aborted) throw speak.silence(limit, named)
      throw speak.broken(error, named)
    }
  }

  // A kept connection that the other side has just closed says nothing about the other side: looking again is safe.
  async function look<T>(call: Call<T>): Promise<T> {
    try {
      return await once(call)
    } catch (error) {
      if (error instanceof ShipmateError && error.details?.reset) return once(call)
      throw error
    }
  }

  const json =
    <T>(schema: z.ZodType<T>, call: string) =>
    (text: string) =>
      parsed(text, schema, speak, call)
  const change =
    (method: string): Http['put'] =>
    (path, body, schema, more = {}) =>
      once({ method, path, body, more, read: json(schema, `${method} ${path}`) })
  return {
    get: (path, schema, more = {}) => look({ method: 'GET', path, more, read: json(schema, `GET ${path}`) }),
    text: (path, more = {}) => look({ method: 'GET', path, more, read: (text) => text }),
    put: change('PUT'),
    post: change('POST'),
    patch: change('PATCH'),
    delete: change('DELETE'),
  }
}

function authorization({ token, scheme = 'Bearer ' }: HttpOptions): { [name: string]: string } {
  return token === undefined ? {} : { authorization: `${scheme}${token}` }
}

type Call<T> = { method: string; path: string; body?: object; more: CallOptions; read: (text: string) => T }

type Speaker = ReturnType<typeof speaker>

/** The errors of one system, free of its secrets. */
function speaker({ name, token, baseUrl }: HttpOptions) {
  const clean = (text: string) => {
    const known = token ? text.split(token).join('[secret]') : text
    return masked(known).slice(0, 500)
  }
  const transientStatus = new Set([429, 502, 503, 504])
  return {
    refusal(status: number, answer: string, after: number | null, call: string): ShipmateError {
      const words = clean(messageIn(answer))
      const more: ErrorDetails = {
        came: clean(`${call} → ${status} ${words}`),
        transient: transientStatus.has(status),
        details: { status, answer: clean(answer), ...(after === null ? {} : { retryAfterSeconds: after }) },
      }
      if (status === 401 || status === 403)
        return failed('http-unauthorized', `${name} does not accept our token: ${words}`, {
          ...more,
          next: `Check the token that the operator’s file gives for ${name}.`,
        })
      if (status >= 300 && status < 400)
        return failed('http-redirected', `${name} answered with a redirect (${status}), which is not followed`, more)
      return failed('http-refused', `${name} answered ${status}: ${words}`, more)
    },
    silence: (ms: number, call: string) =>
      timedOut('http-timeout', `${name} did not answer within ${ms / 1000} s`, {
        came: `no answer to ${clean(call)}`,
        transient: true,
        next: `Check that ${name} runs and can be reached at ${new URL(baseUrl).host}.`,
      }),
    broken(error: unknown, call: string): ShipmateError {
      const code = isAxiosError(error) ? (error.code ?? '') : ''
      const words = clean(error instanceof Error ? error.message || code : String(error))
      if (/maxContentLength|maxBodyLength/.test(words))
        return failed('http-too-big', `${name} answered with more than is accepted`, { came: clean(call) })
      // The error itself holds the request with its token, so it is no cause to keep.
      return failed('http-unreachable', `${name} cannot be reached (${code || words})`, {
        came: `${clean(call)}: ${words}`,
        transient: true,
        details: { reset: code === 'ECONNRESET' },
        next: `Check that ${name} runs and can be reached at ${new URL(baseUrl).host}.`,
      })
    },
    nonsense: (call: string, problem: string) =>
      failed('http-unexpected-answer', `${name} answered something else than agreed`, {
        came: clean(`${call}: ${problem}`),
        next: `Check the version of ${name}.`,
      }),
  }
}

function parsed<T>(text: string, schema: z.ZodType<T>, speak: Speaker, call: string): T {
  let value: unknown
  try {
    value = text === '' ? null : JSON.parse(text)
  } catch {
    throw speak.nonsense(call, `not JSON: ${text.slice(0, 100)}`)
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw speak.nonsense(call, `${issue?.path.join('.') || 'the answer'}: ${issue?.message ?? 'invalid'}`)
}

/** The words in a JSON error, else the text as it came. */
function messageIn(answer: string): string {
  try {
    const body = JSON.parse(answer) as { message?: unknown; error?: unknown } | null
    const words = body?.message ?? body?.error
    return typeof words === 'string' ? words : answer
  } catch {
    return isPage.test(answer) ? pageWords(answer) : answer
  }
}

const isPage = /^\s*(?:<!doctype html|<html)/i

/** A page of errors says in its title and its first heading what is wrong; its markup says nothing. */
function pageWords(page: string): string {
  const wordsOf = (tag: string) => new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, 'i').exec(page)?.[1] ?? ''
  const told = [wordsOf('title'), wordsOf('h1')].map((html) =>
    html
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  )
  const words = [...new Set(told.filter((text) => text !== ''))].join(': ')
  return words === '' ? 'a page without a title' : `a page, “${words}”`
}

function retryAfter(header: unknown): number | null {
  const seconds = typeof header === 'string' ? Number.parseInt(header, 10) : Number.NaN
  return Number.isFinite(seconds) ? seconds : null
}
