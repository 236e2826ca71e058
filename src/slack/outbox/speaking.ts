import type { Clock } from '../../clock.js'
import type { Log } from '../../log.js'
import type { RoutineTelling } from '../../releases/routines/ports.js'
import type { Boards } from '../../runs/boards.js'
import type { RunDesk, Signals } from '../../runs/ports.js'
import type { Leadership, Telling } from '../../runs/telling.js'
import type { GroupIds } from '../cards/call.js'
import type { IncidentParts } from '../incidents/room/speaking.js'
import type { SlackWeb } from '../web.js'
import type { Budget } from './budget.js'
import type { Sendings } from './sendings.js'
import type { Trouble } from './trouble.js'

export type OutboxParts = {
  telling: Telling
  boards: Boards
  desk: Pick<RunDesk, 'view' | 'list'>
  signals: Signals
  leadership: Leadership
  web: SlackWeb
  /** The release channel's id of an environment; null when the operator's file names none. */
  channelOf(environment: string): string | null
  groupIds: GroupIds
  /** Without them nothing is told of incidents. */
  incidents?: IncidentParts
  /** Without it nothing is told of recurring work. */
  routines?: RoutineTelling
  clock: Clock
  log: Log
}

/** Shared by the tellers: limits are the workspace's, and a Slack that does not answer does not answer anybody. */
export type Speaking = OutboxParts & { budget: Budget; trouble: Trouble }

/** What posts new messages shares what may be there already. */
export type Posting = Speaking & { sendings: Sendings }

/** A lost signal costs at most this long. */
export const idle = 2_000
