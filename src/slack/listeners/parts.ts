import type { Clock } from '../../clock.js'
import type { Asker } from '../../commands/command.js'
import type { IncidentPress } from '../../commands/incident-words.js'
import type { Reply } from '../../commands/reply.js'
import type { IncidentStore, IncidentTelling } from '../../incidents/ports.js'
import type { IncidentSettings } from '../../incidents/settings.js'
import type { Desk } from '../../jobs/desk.js'
import type { Log } from '../../log.js'
import type { Directory } from '../../releases/people.js'
import type { RunDesk } from '../../runs/ports.js'
import type { Telling } from '../../runs/telling.js'
import type { SlackIdentity } from '../identity.js'
import type { SendBytes } from '../upload.js'
import type { SlackWeb } from '../web.js'

/** What the listeners ask about incidents. */
export type IncidentFace = {
  /** A press on an incident's card, decided as typed words are. */
  press(press: IncidentPress, asker: Asker): Promise<Reply>
  rows: Pick<IncidentStore, 'view' | 'inChannel'>
  cards: Pick<IncidentTelling, 'cardAt'>
}

/** A drawing (SVG) as PNG, and how its bytes get to Slack. */
export type Pictures = { drawn(svg: string): Promise<Uint8Array>; send: SendBytes }

/** What the listeners speak to. */
export type FaceParts = {
  desk: Desk
  runs: Pick<RunDesk, 'view'>
  cards: Pick<Telling, 'cardAt'>
  /** Without it no control of an incident does anything. */
  incidents?: IncidentFace
  /** Without them answers have no pictures. */
  pictures?: Pictures
  /** What the operator's file says about incidents. */
  settings: IncidentSettings
  /** The release channel's id of an environment; null when the operator's file names none. */
  channelOf(environment: string): string | null
  directory: Directory
  identity: SlackIdentity
  web: SlackWeb
  /** Where a response_url may lead besides Slack: the origin of a local workspace. */
  responseOrigins: string[]
  clock: Clock
  log: Log
}

/** Slack gives three seconds; what takes longer is answered afterwards. */
export const ackBudget = 2_200

/** The result of `work` when it is there within `ms`, else null; `work` goes on. */
export async function inTime<T>(work: Promise<T>, ms: number, clock: Clock): Promise<T | null> {
  const done = new AbortController()
  const late = clock.sleep(ms, done.signal).then(() => null)
  try {
    return await Promise.race([work, late])
  } finally {
    done.abort()
  }
}
