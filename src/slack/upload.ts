import { timeLimit } from '../clock.js'
import type { Answer, SlackWeb } from './web.js'

/** Sends a file's bytes to the address that Slack gave for them, once. */
export type SendBytes = (url: string, bytes: Uint8Array) => Promise<Answer>

export type Upload = {
  name: string
  bytes: Uint8Array /** What it shows, for those who do not see it. */
  alt?: string
}

/** Slack's own limit. */
const longestAlt = 1_000

/** Gives Slack a file that stands nowhere yet; answers its id as `data.file`. */
export async function upload(call: SlackWeb['call'], send: SendBytes, { name, bytes, alt }: Upload): Promise<Answer> {
  const words = alt === undefined ? {} : { alt_txt: [...alt].slice(0, longestAlt).join('') }
  const place = await call('files.getUploadURLExternal', { filename: name, length: bytes.byteLength, ...words })
  if (!place.ok) return place
  const { upload_url: url, file_id: file } = place.data
  if (typeof url !== 'string' || typeof file !== 'string')
    return { ok: false, why: 'refused', error: 'no_upload_url', text: 'Slack gave no address for the file' }
  const sent = await send(url, bytes)
  return sent.ok ? { ok: true, data: { file } } : sent
}

/** `origins`: where files may go besides Slack, that of a local workspace. */
export function createSendBytes(origins: string[], timeoutMs = 30_000): SendBytes {
  return async (url, bytes) => {
    if (!mayTakeFiles(url, origins))
      return { ok: false, why: 'refused', error: 'upload_url_foreign', text: 'the address is not Slack’s' }
    try {
      const body = new Uint8Array(bytes)
      const headers = { 'content-type': 'application/octet-stream' }
      const signal = timeLimit(timeoutMs)
      const answer = await fetch(url, { method: 'POST', body, headers, redirect: 'error', signal })
      await answer.body?.cancel()
      return answered(answer.status, Number(answer.headers.get('retry-after') ?? 1))
    } catch (thrown) {
      return { ok: false, why: 'unreachable', text: thrown instanceof Error ? thrown.message : String(thrown) }
    }
  }
}

function answered(status: number, retryAfterS: number): Answer {
  if (status >= 200 && status < 300) return { ok: true, data: {} }
  if (status === 429) return { ok: false, why: 'limited', retryAfterMs: Math.max(1, retryAfterS || 1) * 1_000 }
  const text = `HTTP ${status}`
  return status >= 500
    ? { ok: false, why: 'unreachable', text }
    : { ok: false, why: 'refused', error: `http_${status}`, text }
}

/** Slack takes files at files.slack.com; the address comes from Slack's answer and is looked at all the same. */
function mayTakeFiles(url: string, origins: string[]): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, origin, username, password } = new URL(url)
  if (username !== '' || password !== '') return false
  const slacks = protocol === 'https:' && /^(?:[a-z0-9-]+\.)*slack(?:-gov|-files)?\.com$/.test(hostname)
  return slacks || origins.includes(origin)
}
