import { SocketModeReceiver } from '@slack/bolt'
import type { Clock } from '../clock.js'
import { type Log, masked } from '../log.js'
import type { Inlet } from './inlet.js'
import { clientOptions, slackLogger } from './web.js'

export type SocketParts = { appToken: string; apiUrl: string | null; clock: Clock; log: Log }

const longestPause = 30_000
const patience = 15_000

/**
 * The connection over which Slack sends everything, kept up until `stop`. Reconnects by itself instead of leaving that to the library: its own way waits five seconds, and when Slack cannot be
 * reached at all it ends in a rejection that nobody holds, which takes the process down.
 */
export function createSocket({ appToken, apiUrl, clock, log }: SocketParts): Inlet {
  const receiver = new SocketModeReceiver({
    appToken,
    logger: slackLogger(log),
    autoReconnectEnabled: false,
    installerOptions: { clientOptions: clientOptions({ apiUrl: apiUrl ?? undefined, log }) },
  })
  const { client } = receiver
  const stopping = new AbortController()
  let problem: string | null = 'not connected to Slack yet'
  let running = Promise.resolve()
  ignoreEmptyEvents(client, log)

  async function connect(): Promise<boolean> {
    try {
      const connected = await Promise.race([
        client.start().then(() => true),
        clock.sleep(patience, stopping.signal).then(() => false),
      ])
      if (!connected) throw new Error('Slack did not say hello')
      problem = null
      log.info({}, 'connected to Slack')
      return true
    } catch (thrown) {
      const line = adviceOn(thrown)
      if (line !== problem) log.error({ problem: line }, 'no connection to Slack')
      problem = line
      return false
    }
  }

  async function keep(firstTried: () => void): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const ended = new Promise<void>((resolve) => client.once('disconnected', () => resolve()))
      const connected = await connect()
      firstTried()
      if (connected) await Promise.race([ended, aborted(stopping.signal)])
      failures = connected ? 0 : failures + 1
      if (connected && !stopping.signal.aborted) problem = 'the connection to Slack was closed; connecting again'
      await clock.sleep(connected ? 50 : Math.min(longestPause, 500 * 2 ** failures), stopping.signal)
    }
  }

  return {
    receiver,
    listener: null,
    start: () =>
      new Promise((tried) => {
        running = keep(tried)
      }),
    async stop() {
      stopping.abort()
      await Promise.race([client.disconnect().catch(() => {}), clock.sleep(1_000)])
      await running
    },
    problem: () => problem,
  }
}

type Client = SocketModeReceiver['client']

/**
 * socket-mode 3.1.0 throws out of its own message listener on an event without an inner event (`app_rate_limited`),
 * which nobody can catch: https://github.com/slackapi/node-slack-sdk, fixed in 3.1.1.
 */
function ignoreEmptyEvents(client: Client, log: Log): void {
  const listeners = client.listeners('ws_message')
  client.removeAllListeners('ws_message')
  client.on('ws_message', (data: unknown, isBinary: unknown) => {
    if (isEmptyEvent(data))
      return log.warn({}, 'Slack sent an event without content; too many events a minute, perhaps')
    for (const listener of listeners) Reflect.apply(listener, client, [data, isBinary])
  })
}

function isEmptyEvent(data: unknown): boolean {
  if (typeof data !== 'string' || !data.includes('"events_api"')) return false
  try {
    const envelope: { type?: string; payload?: { event?: unknown } } = JSON.parse(data)
    return envelope.type === 'events_api' && !envelope.payload?.event
  } catch {
    return false
  }
}

const appTokenErrors = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'not_allowed_token_type',
  'missing_scope',
]

function adviceOn(thrown: unknown): string {
  const words = masked(thrown instanceof Error ? thrown.message : 'the connection was closed')
  const error = appTokenErrors.find((code) => words.includes(code))
  if (!error) return `Slack cannot be reached over Socket Mode (${words}). Trying again.`
  return `Slack does not accept SLACK_APP_TOKEN (${error}). Open https://api.slack.com/apps, choose the app, make a token with connections:write under "Basic Information", set SLACK_APP_TOKEN and start again.`
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true }),
  )
