import { type QueryClient, useQueries, useQuery } from '@tanstack/react-query'
import type { Change } from '../../workspace/protocol.js'
import { type Control, createControl, fetchWorkspace } from './control.js'

/** Asked again now and then: whether the app is connected, and the workspace's clock. */
export const useWorkspace = () =>
  useQuery({ queryKey: ['workspace'], queryFn: fetchWorkspace, retry: 5, retryDelay: 500, refetchInterval: 10_000 })

export const useChannels = (control: Control) =>
  useQuery({ queryKey: ['channels', control.user], queryFn: control.channels })

export const useMessages = (control: Control, channel: string, limit: number) =>
  useQuery({
    queryKey: ['messages', control.user, channel, limit],
    queryFn: () => control.messages(channel, limit),
    placeholderData: (previous, query) => (query?.queryKey[2] === channel ? previous : undefined),
  })

export const useThread = (control: Control, channel: string, ts: string) =>
  useQuery({
    queryKey: ['thread', control.user, channel, ts],
    queryFn: () => control.thread(channel, ts),
  })

export const useCanvases = (control: Control, channel: string) =>
  useQuery({ queryKey: ['canvases', control.user, channel], queryFn: () => control.canvases(channel) })

export const useModals = (control: Control) => useQuery({ queryKey: ['modals', control.user], queryFn: control.modals })

export const useHome = (control: Control) => useQuery({ queryKey: ['home', control.user], queryFn: control.home })

/** Unread mentions of several people; the one who acts is told by events, the others are asked now and then too. */
export function useMentions(users: string[], acting: string): Map<string, number> {
  const answers = useQueries({
    queries: users.map((user) => ({
      queryKey: ['channels', user],
      queryFn: createControl(user).channels,
      refetchInterval: user === acting ? (false as const) : 10_000,
    })),
  })
  return new Map(
    users.map((user, index) => [
      user,
      (answers[index]?.data ?? []).reduce((sum, channel) => sum + channel.mentions, 0),
    ]),
  )
}

/** Fetches again what a change named. */
export function refresh(queries: QueryClient, user: string, change: Change): void {
  for (const queryKey of keysOf(user, change)) void fetchAgain(queries, queryKey)
}

/**
 * Fetches what begins with this key again; everything without one. A first fetch that is still under way may have been
 * answered before the change, and would be taken for the answer: it is dropped.
 */
export async function fetchAgain(queries: QueryClient, queryKey: (string | undefined)[] = []): Promise<void> {
  await queries.cancelQueries({ queryKey })
  await queries.invalidateQueries({ queryKey })
}

function keysOf(user: string, change: Change): (string | undefined)[][] {
  switch (change.kind) {
    case 'channels':
      // What is new for one is mostly new for others, whose mentions the switcher counts.
      return [['channels']]
    case 'messages':
      return [
        ['messages', user, change.channel],
        ['thread', user, change.channel, change.thread_ts ?? change.ts],
      ]
    case 'canvas':
      return [['canvases', user, change.channel]]
    case 'modals':
      return [['modals', user]]
    case 'home':
      return [['home', user]]
    case 'people':
      return [['workspace'], ['channels']]
    case 'notice':
      return []
  }
}
