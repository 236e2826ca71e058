import type { Logger } from '@slack/logger'
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  WebClient,
  type WebClientOptions,
} from '@slack/web-api'
import { type Log, masked } from '../log.js'

/** What became of a call. Nothing is thrown: each kind of no asks for something else. */
export type Answer = { ok: true; data: { [field: string]: unknown } } | NotTold
export type NotTold =
  /** This method has to wait; others may go on. */
  | { ok: false; why: 'limited'; retryAfterMs: number }
  /** No answer, or a 5xx: it may have been done or not. */
  | { ok: false; why: 'unreachable'; text: string }
  /** Slack's own error code, with the lines it added. */
  | { ok: false; why: 'refused'; error: string; text: string }

/** One Web API call, tried once: who calls decides about trying again. */
export type SlackWeb = { call(method: string, args: { [name: string]: unknown }): Promise<Answer> }

export type WebConfig = { token: string; apiUrl?: string | undefined; log: Log; timeoutMs?: number }

export function createSlackWeb(config: WebConfig): SlackWeb {
  const client = new WebClient(config.token, clientOptions(config))
  return {
    async call(method, args) {
      try {
        return { ok: true, data: { ...(await client.apiCall(method, args)) } }
      } catch (thrown) {
        return notTold(thrown)
      }
    },
  }
}

/**
 * Written out in full because the socket client fills in what is missing in the very object it is given: its own 100
 * retries would reach every other client. No `headers`: they would replace the app token of apps.connections.open.
 * One try only: a second one of a post that was done but not answered would be a second message.
 */
export function clientOptions({ apiUrl, log, timeoutMs = 10_000 }: Omit<WebConfig, 'token'>): WebClientOptions {
  return {
    ...(apiUrl ? { slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/` } : {}),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: timeoutMs,
    logger: slackLogger(log),
  }
}

/** Slack's libraries write to our log, masked; their debug lines hold whole payloads and are dropped. */
export function slackLogger(log: Log): Logger {
  const words = (parts: unknown[]) =>
    masked(parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ')).slice(0, 500)
  return {
    debug: () => {},
    info: (...parts) => log.debug({}, words(parts)),
    // What fails is told by whoever called; a second line of the library says the same with less.
    warn: (...parts) => log.debug({}, words(parts)),
    error: (...parts) => log.debug({}, words(parts)),
    setLevel: () => {},
    getLevel: () => 'info' as ReturnType<Logger['getLevel']>,
    setName: () => {},
  }
}

function notTold(thrown: unknown): NotTold {
  if (thrown instanceof WebAPIRateLimitedError)
    return { ok: false, why: 'limited', retryAfterMs: Math.max(1, thrown.retryAfter) * 1000 }
  if (thrown instanceof WebAPIPlatformError)
    return { ok: false, why: 'refused', error: thrown.data.error, text: platformText(thrown) }
  if (thrown instanceof WebAPIHTTPError && thrown.statusCode < 500)
    return { ok: false, why: 'refused', error: `http_${thrown.statusCode}`, text: `HTTP ${thrown.statusCode}` }
  if (thrown instanceof WebAPIHTTPError) return { ok: false, why: 'unreachable', text: `HTTP ${thrown.statusCode}` }
  const cause = thrown instanceof WebAPIRequestError ? causeOf(thrown.original) : String(thrown)
  return { ok: false, why: 'unreachable', text: masked(cause) }
}

function platformText({ data }: WebAPIPlatformError): string {
  const lines = data.response_metadata?.messages ?? []
  return masked([data.error, ...lines].join(' ')).slice(0, 500)
}

/** `fetch failed` says nothing; what stands behind it does. */
function causeOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message || error.cause.name}` : error.message
}
