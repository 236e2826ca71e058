import { randomUUID } from 'node:crypto'
import type { Clock } from '../clock.js'
import { ACK_WITHIN_MS, type Carrier, type Parcel, type Receipt, type Retry } from './parcel.js'
import { signedHeaders } from './signature.js'

const FORM = 'application/x-www-form-urlencoded'
const MOST_REDIRECTS = 2
const VERIFY_AGAIN_AFTER_MS = 1000

/** Signed HTTP requests to the app. `urlFor` names the request URL of a payload. */
export function createRequests(parts: {
  clock: Clock
  signingSecret: string
  urlFor: (parcel: Parcel) => string
  /** The URL to verify once, as when it is entered into the app's settings. */
  verifyUrl: string
}): Carrier {
  const { clock, signingSecret, urlFor, verifyUrl } = parts
  const stopped = new AbortController()
  let lastResult = false

  const post = (url: string, body: string, headers: Record<string, string>) =>
    // Apps compare the content type exactly, so it must go out without a charset; they judge the age by real time.
    follow(url, body, { ...headers, ...signedHeaders(body, signingSecret, Math.floor(Date.now() / 1000)) })

  const follow = async (url: string, body: string, headers: Record<string, string>): Promise<Response> => {
    const limit = new AbortController()
    const cancel = clock.after(ACK_WITHIN_MS, () => limit.abort())
    const signal = AbortSignal.any([limit.signal, stopped.signal])
    try {
      let at = url
      for (let hop = 0; ; hop++) {
        const response = await fetch(at, { method: 'POST', body, headers, redirect: 'manual', signal })
        const location = response.status >= 300 && response.status < 400 && response.headers.get('location')
        if (!location) return new Response(await response.text(), response)
        if (hop === MOST_REDIRECTS) throw new Error('too_many_redirects')
        at = new URL(location, at).href
      }
    } finally {
      cancel()
    }
  }

  const verify = async () => {
    const challenge = randomUUID()
    const body = JSON.stringify({ type: 'url_verification', token: 'playground', challenge })
    const response = await post(verifyUrl, body, { 'content-type': 'application/json' }).catch(() => undefined)
    lastResult = response?.status === 200 && (await response.text()).includes(challenge)
    if (!lastResult && !stopped.signal.aborted) clock.after(VERIFY_AGAIN_AFTER_MS, () => void verify())
  }
  void verify()

  return {
    via: 'http',
    async carry(parcel, retry) {
      const { type, body } = written(parcel)
      const receipt = await post(urlFor(parcel), body, { 'content-type': type, ...retryHeaders(retry) }).then(
        receiptOf,
        refusalOf,
      )
      lastResult = receipt.outcome === 'acked'
      return receipt
    },
    connected: () => lastResult,
    stop: () => stopped.abort(),
  }
}

function written({ kind, payload }: Parcel): { type: string; body: string } {
  if (kind === 'events_api') return { type: 'application/json', body: JSON.stringify(payload) }
  const fields = kind === 'interactive' ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>)
  return { type: FORM, body: new URLSearchParams(fields).toString() }
}

function retryHeaders(retry: Retry | undefined): Record<string, string> {
  return retry ? { 'x-slack-retry-num': String(retry.num), 'x-slack-retry-reason': retry.reason } : {}
}

async function receiptOf(response: Response): Promise<Receipt> {
  if (response.status < 200 || response.status > 299) {
    return { outcome: 'error', reason: 'http_error', final: response.headers.get('x-slack-no-retry') === '1' }
  }
  const text = await response.text()
  if (!text.trim()) return { outcome: 'acked' }
  // A command may be answered with plain text, and that may look like a number.
  if (!text.trim().startsWith('{')) return { outcome: 'acked', body: text }
  try {
    return { outcome: 'acked', body: JSON.parse(text) }
  } catch {
    return { outcome: 'acked', body: text }
  }
}

function refusalOf(error: unknown): Receipt {
  const { name, message } = error as Error
  if (name === 'AbortError') return { outcome: 'timeout', reason: 'http_timeout' }
  if (message === 'too_many_redirects') return { outcome: 'error', reason: 'too_many_redirects' }
  return { outcome: 'no connection', reason: 'connection_failed' }
}
