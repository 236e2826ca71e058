import { createContext, useContext } from 'react'
import type { ChannelSummary, Person, Workspace } from '../../workspace/protocol.js'
import type { Control } from './control.js'
import type { Route } from './route.js'

/** A line of Slack's own in a channel or thread, seen by one person and kept nowhere. */
export type Notice = { id: number; text: string; channel: string; thread?: string; atMs: number }

/** What every part of the page may know: who acts, what the workspace is, and where the page looks. */
export type Session = {
  me: Person
  workspace: Workspace
  channels: ChannelSummary[]
  control: Control
  route: Route
  /** Milliseconds of the workspace's clock minus this machine's. */
  clockOffsetMs: number
  person: (id: string) => Person | undefined
  channel: (id: string) => ChannelSummary | undefined
  notices: Notice[]
  /** Hides a line that only this person sees: a notice by its number, an ephemeral message by its ts. */
  dismiss: (line: number | string) => void
  dismissed: ReadonlySet<number | string>
  /** Shows what Slack itself would say; in a channel as Slackbot's line, without one as a toast. */
  tell: (text: string, place?: Place) => void
  /** Runs a call and tells its notice or its failure. */
  run: <T extends { notice?: string }>(call: Promise<T>, place?: Place) => Promise<T | null>
}

export type Place = { channel: string; thread?: string }

export const SessionContext = createContext<Session | null>(null)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('This part of the page is drawn outside of a session')
  return session
}
