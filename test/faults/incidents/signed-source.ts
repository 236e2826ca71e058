import { createHmac } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'

export type Signed = { body: string; headers: { [name: string]: string } }

/** A sender that signs as docs/operations/alerts.md says, and delivers the same bytes again until it is answered with 200. */
export function createSource(url: string, secret: string) {
  async function answered({ body, headers }: Signed): Promise<number> {
    const response = await fetch(url, { method: 'POST', body, headers, signal: AbortSignal.timeout(10_000) })
    await response.text()
    return response.status
  }
  return {
    signed(alert: object): Signed {
      const body = JSON.stringify(alert)
      const seconds = String(Math.floor(Date.now() / 1000))
      const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
      const headers = { 'x-shipmate-timestamp': seconds, 'x-shipmate-signature': `v1=${signature}` }
      return { body, headers: { 'content-type': 'application/json', ...headers } }
    },
    /** Nobody answers while a process is dead; what is refused for good is an error. */
    async deliver(signed: Signed): Promise<void> {
      for (;;) {
        const status = await answered(signed).catch(() => 503)
        if (status === 200) return
        if (status < 500) throw new Error(`the source was answered with ${status}`)
        await pause(250)
      }
    },
  }
}
