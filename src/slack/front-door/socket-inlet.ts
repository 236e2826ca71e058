import { once } from 'node:events'
import type { Inlet } from '../inlet.js'
import { createSlackWeb, type NotTold } from '../web.js'
import { arrivalOf, type Payload } from './arrival.js'
import { createFrontDoor, type FrontDoorParts } from './door.js'
import { type Frame, type Line, openLine } from './socket-line.js'

export type SocketInletParts = FrontDoorParts & {
  appToken: string
  /** Null: Slack's own. */
  apiUrl: string | null
  /** Connections at the same time; Slack sends each payload over one of them. */
  lines?: number
  /** How often a connection is asked whether it is still there. */
  pulseMs?: number
}

const longestPause = 30_000
const flicker = 500
/** After Slack said that it will not have this connection: when there is no use in asking sooner. */
const refusedPause = 30_000

/** Socket Mode: committed, then acknowledged, then handed to Bolt. Replaces a connection before it loses it, if told. */
export function createSocketInlet(parts: SocketInletParts): Inlet {
  const { appToken, apiUrl, clock, log, lines = 2, pulseMs } = parts
  const door = createFrontDoor(parts)
  const web = createSlackWeb({ token: appToken, apiUrl: apiUrl ?? undefined, log })
  const stopping = new AbortController()
  const stopped = once(stopping.signal, 'abort').then(() => null)
  const connected = new Set<Line>()
  let problem: string | null = 'not connected to Slack yet'
  let slots: Promise<void>[] = []

  async function onFrame(frame: Frame, body: string): Promise<object | null> {
    if (typeof frame.envelope_id !== 'string') return null
    const payload = objectIn(frame.payload)
    if (!payload || isEmptyEvent(frame, payload)) {
      log.warn({ type: payload?.type }, 'Slack sent an event without content; too many events an hour, perhaps')
      return { envelope_id: frame.envelope_id }
    }
    const verdict = await door.admit(
      arrivalOf(payload, {
        format: 'envelope',
        body,
        receivedAt: clock.now(),
        retry: { num: numberIn(frame.retry_attempt), reason: textIn(frame.retry_reason) },
        fallback: () => Buffer.from(String(frame.envelope_id)).toString('base64url'),
      }),
    )
    if (!verdict.accepted) return null
    const says = typeof verdict.says === 'string' ? { text: verdict.says } : verdict.says
    return says === null ? { envelope_id: frame.envelope_id } : { envelope_id: frame.envelope_id, payload: says }
  }

  function told(line: string | null): void {
    if (line !== null && line !== problem) log.error({ problem: line }, 'no connection to Slack')
    problem = line
  }

  /** A connection that was greeted, or how long to wait before the next try. */
  async function connect(failures: number): Promise<Line | number> {
    // What is asked for before a stop and answered after it would be a connection that nobody ends.
    const opened = await Promise.race([web.call('apps.connections.open', {}), stopped])
    if (!opened || stopping.signal.aborted) return 0
    const pause = Math.min(longestPause, 100 * 2 ** failures)
    if (!opened.ok) {
      if (connected.size === 0) told(adviceOn(opened))
      return opened.why === 'limited' ? opened.retryAfterMs : pause
    }
    const line = openLine({ url: String(opened.data.url), onFrame, pulseMs })
    const retire = () => line.retire()
    stopping.signal.addEventListener('abort', retire)
    void line.leaving.then(() => stopping.signal.removeEventListener('abort', retire))
    if (await line.greeted) return line
    const reason = await line.leaving
    if (connected.size === 0) told(lineOn(reason))
    return reason === 'closed' ? pause : refusedPause
  }

  /** Keeps one connection up; a new one is greeted before the one that Slack wants to end is let go. */
  async function keep(firstTried: () => void): Promise<void> {
    let old: Line | null = null
    for (let failures = 0; !stopping.signal.aborted; ) {
      const line = await connect(failures)
      firstTried()
      if (typeof line === 'number') {
        failures += 1
        await clock.sleep(line, stopping.signal)
        continue
      }
      old?.retire()
      old = line
      const since = clock.now().getTime()
      await stay(line)
      // One that Slack greets and closes again and again is not opened without a breath.
      failures = clock.now().getTime() - since < flicker ? Math.min(failures + 1, 4) : 0
      if (failures > 0) await clock.sleep(50 * 2 ** failures, stopping.signal)
    }
    old?.retire()
  }

  async function stay(line: Line): Promise<void> {
    connected.add(line)
    told(null)
    log.info({ connections: connected.size }, 'connected to Slack')
    const reason = await line.leaving
    connected.delete(line)
    if (stopping.signal.aborted) return
    if (connected.size === 0) problem = lineOn(reason)
    log.info({ reason }, 'a connection to Slack ends; connecting again')
    if (isRefusal(reason)) await clock.sleep(refusedPause, stopping.signal)
  }

  async function stop(): Promise<void> {
    stopping.abort()
    await Promise.all(slots)
    await door.stop()
  }

  async function start(): Promise<void> {
    door.start()
    await new Promise<void>((tried) => {
      slots = Array.from({ length: lines }, () => keep(tried))
    })
  }

  return { receiver: { init: door.init, start, stop }, start, stop, problem: () => problem, listener: null }
}

const isRefusal = (reason: string) => reason === 'link_disabled' || reason === 'too_many_websockets'

function lineOn(reason: string): string {
  if (reason === 'link_disabled')
    return 'Socket Mode is switched off for this app. Switch it on at https://api.slack.com/apps under "Socket Mode".'
  if (reason === 'too_many_websockets')
    return 'Slack takes no further connection: ten are open for this app. End other processes that use its app token.'
  return 'The connection to Slack was closed; connecting again.'
}

function adviceOn(answer: NotTold): string {
  if (answer.why === 'limited') return 'Slack asks to wait before the next connection.'
  if (answer.why === 'unreachable')
    return `Slack cannot be reached over Socket Mode (${answer.text}). Check the network and the proxy; trying again.`
  return `Slack does not accept SLACK_APP_TOKEN (${answer.error}). Open https://api.slack.com/apps, choose the app, make a token with connections:write under "Basic Information", set SLACK_APP_TOKEN and start again.`
}

/** `app_rate_limited` and the like: nothing in it for a listener. */
const isEmptyEvent = (frame: Frame, payload: Payload) => frame.type === 'events_api' && !objectIn(payload.event)

const objectIn = (value: unknown): Payload | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload) : null
const numberIn = (value: unknown) => (typeof value === 'number' ? value : undefined)
const textIn = (value: unknown) => (typeof value === 'string' ? value : undefined)
