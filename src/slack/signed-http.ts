import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { HTTPReceiver } from '@slack/bolt'
import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import { slackLogger } from './web.js'

/** Signed delivery over HTTP. */
export type SignedHttp = {
  receiver: HTTPReceiver
  /** For mounting on a server that also serves other paths. */
  listener: RequestListener
  start(port: number): Promise<number>
  stop(): Promise<void>
}

export const slackPath = '/slack/events'
const skew = 5 * 60

export function createSignedHttp(signingSecret: string, clock: Clock, log: Log): SignedHttp {
  const receiver = new HTTPReceiver({ signingSecret, endpoints: slackPath, logger: slackLogger(log), bodyLimit: '1mb' })
  const listener: RequestListener = (request, response) => {
    // Bolt refuses old timestamps only; a signed request from the future could be kept and used later.
    if (aheadOf(request, clock.now())) {
      response.writeHead(401).end()
      return
    }
    receiver.requestListener(request, response)
  }
  let server: Server | null = null
  return {
    receiver,
    listener,
    start: (port) =>
      new Promise((resolve, reject) => {
        server = createServer(listener)
        server.once('error', reject)
        server.listen(port, () => {
          const address = server?.address()
          resolve(typeof address === 'object' && address ? address.port : port)
        })
      }),
    stop: () => new Promise((resolve) => (server ? server.close(() => resolve()) : resolve())),
  }
}

function aheadOf(request: IncomingMessage, now: Date): boolean {
  const sent = Number(request.headers['x-slack-request-timestamp'])
  return Number.isFinite(sent) && sent - now.getTime() / 1000 > skew
}
