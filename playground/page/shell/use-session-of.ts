import { useCallback, useEffect, useMemo, useState } from 'react'
import type { ChannelSummary, Person, Workspace } from '../../workspace/protocol.js'
import type { Control } from '../control/control.js'
import type { Route } from '../control/route.js'
import type { Notice, Place, Session } from '../control/session.js'

export type Toast = { id: number; text: string }

type Known = {
  me: Person
  workspace: Workspace
  channels: ChannelSummary[]
  control: Control
  route: Route
  askedAtMs: number
}

let lines = 0

/** Puts together what the parts of the page share, and keeps Slack's own lines and toasts. */
export function useSessionOf({ me, workspace, channels, control, route, askedAtMs }: Known) {
  const [notices, setNotices] = useState<Notice[]>([])
  const [toasts, setToasts] = useState<Toast[]>([])
  const [dismissed, setDismissed] = useState<ReadonlySet<number | string>>(new Set())
  // To the second: an answer that took some milliseconds longer is no reason to draw everything again.
  const clockOffsetMs = Math.round((workspace.now_ms - askedAtMs) / 1000) * 1000
  const minute = useMinute()

  const tell = useCallback(
    (text: string, place?: Place) => {
      lines += 1
      const id = lines
      if (place) setNotices((before) => [...before, { id, text, ...place, atMs: Date.now() + clockOffsetMs }])
      else setToasts((before) => [...before.slice(-2), { id, text }])
    },
    [clockOffsetMs],
  )
  const run = useCallback(
    async <T extends { notice?: string }>(call: Promise<T>, place?: Place): Promise<T | null> => {
      try {
        const reply = await call
        if (reply.notice) tell(reply.notice, place)
        return reply
      } catch (error) {
        tell(error instanceof Error ? error.message : String(error))
        return null
      }
    },
    [tell],
  )
  const dismiss = useCallback((line: number | string) => {
    setDismissed((before) => new Set(before).add(line))
    setNotices((before) => before.filter(({ id }) => id !== line))
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: "4 minutes ago" grows older by itself
  const session = useMemo<Session>(() => {
    const people = new Map(workspace.people.map((person) => [person.id, person]))
    const byId = new Map(channels.map((channel) => [channel.id, channel]))
    const find = { person: (id: string) => people.get(id), channel: (id: string) => byId.get(id) }
    return { me, workspace, channels, control, route, clockOffsetMs, ...find, notices, dismiss, dismissed, tell, run }
  }, [me, workspace, channels, control, route, clockOffsetMs, notices, dismiss, dismissed, tell, run, minute])
  const dropToast = useCallback((id: number) => setToasts((before) => before.filter((toast) => toast.id !== id)), [])
  return { session, toasts, dropToast }
}

function useMinute(): number {
  const [minute, setMinute] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setMinute((count) => count + 1), 60_000)
    return () => clearInterval(timer)
  }, [])
  return minute
}
