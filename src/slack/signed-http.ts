import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { HTTPReceiver } from '@slack/bolt'
import type { Clock } from '../clock.js'
import type { Log } from '../log.js'
import type { Inlet } from './inlet.js'
import { slackLogger } from './web.js'

export const slackPath = '/slack/events'
const skew = 5 * 60

export type SignedHttpParts = {
  signingSecret: string
  /** 0: any free one; null: the listener is mounted on another server. */
  port: number | null
  clock: Clock
  log: Log
}

/** Signed delivery over HTTP. */
export function createSignedHttp({ signingSecret, port, clock, log }: SignedHttpParts): Inlet {
  const receiver = new HTTPReceiver({ signingSecret, endpoints: slackPath, logger: slackLogger(log), bodyLimit: '1mb' })
  const listener: RequestListener = (request, response) => {
    // Bolt refuses old timestamps only; a signed request from the future could be kept and used later.
    if (aheadOf(request, clock.now())) {
      response.writeHead(401).end()
      return
    }
    receiver.requestListener(request, response)
  }
  const server = port === null ? null : createServer(listener)
  return {
    receiver,
    listener,
    problem: () => null,
    start: () =>
      new Promise((resolve, reject) => {
        if (!server) return resolve()
        server.once('error', reject)
        server.listen(port ?? 0, () => {
          log.info({ address: server.address() }, `Slack may send to ${slackPath}`)
          resolve()
        })
      }),
    stop: () => new Promise((resolve) => (server ? server.close(() => resolve()) : resolve())),
  }
}

function aheadOf(request: IncomingMessage, now: Date): boolean {
  const sent = Number(request.headers['x-slack-request-timestamp'])
  return Number.isFinite(sent) && sent - now.getTime() / 1000 > skew
}
