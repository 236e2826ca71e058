import { useCallback, useEffect, useMemo, useState } from 'react'
import type { ChannelSummary, Person, Workspace } from '../../workspace/protocol.js'
import { createControl } from '../control/control.js'
import { useChannels } from '../control/queries.js'
import { go, type Route } from '../control/route.js'
import { SessionContext } from '../control/session.js'
import { useChanges } from '../control/use-changes.js'
import { ThreadPane } from '../messages/thread-pane.js'
import { ModalStack } from '../modals/modal-stack.js'
import { ConfirmProvider } from '../overlays/confirm.js'
import { ChannelView } from './channel-view.js'
import { QuickSwitcher } from './quick-switcher.js'
import { Sidebar } from './sidebar.js'
import { Toasts } from './toasts.js'
import { TopBar } from './top-bar.js'
import { useKeys } from './use-keys.js'
import { useSessionOf } from './use-session-of.js'

type Props = { me: Person; people: Person[]; workspace: Workspace; route: Route; askedAtMs: number }

/** The whole workspace as one person sees it. */
export function WorkspacePage({ me, people, workspace, route, askedAtMs }: Props) {
  const control = useMemo(() => createControl(me.id), [me.id])
  const channels = useChannels(control)
  const [drawer, setDrawer] = useState(false)
  const [switching, setSwitching] = useState(false)
  const known = useMemo(() => channels.data ?? [], [channels.data])
  const { session, toasts, dropToast } = useSessionOf({ me, workspace, channels: known, control, route, askedAtMs })
  const connected = useChanges(control, session.tell)
  const channel = known.find(({ id }) => id === route.channel)
  useFirstChannel(me, known, channel)
  useKeys(
    people,
    route,
    useCallback(() => setSwitching(true), []),
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: going anywhere closes the drawer
  useEffect(() => setDrawer(false), [route.channel, route.thread, route.home])
  useTitle(known)

  return (
    <SessionContext value={session}>
      <ConfirmProvider>
        <div className={route.thread ? 'page page-with-thread' : 'page'}>
          <TopBar people={people} openDrawer={() => setDrawer(true)} openSwitcher={() => setSwitching(true)} />
          {!connected && <output className="banner">Connecting to the workspace again…</output>}
          {drawer && (
            <button
              type="button"
              className="drawer-shade"
              aria-label="Close the sidebar"
              onClick={() => setDrawer(false)}
            />
          )}
          <Sidebar open={drawer} close={() => setDrawer(false)} />
          {channel ? <ChannelView key={channel.id} channel={channel} /> : <main className="channel" />}
          {channel && route.thread && <ThreadPane channel={channel} ts={route.thread} />}
        </div>
        {switching && <QuickSwitcher people={people} close={() => setSwitching(false)} />}
        <ModalStack />
        <Toasts toasts={toasts} drop={dropToast} />
      </ConfirmProvider>
    </SessionContext>
  )
}

/** Without a channel in the address, the first with mentions opens, else the first with something new, else the first. */
function useFirstChannel(me: Person, channels: ChannelSummary[], current: ChannelSummary | undefined): void {
  useEffect(() => {
    if (current || channels.length === 0) return
    const mine = channels.filter(({ member, archived }) => member && !archived)
    const first =
      mine.find(({ mentions }) => mentions > 0) ?? mine.find(({ unread }) => unread > 0) ?? mine[0] ?? channels[0]
    if (first) go({ user: me.id, channel: first.id, home: false })
  }, [me.id, channels, current])
}

function useTitle(channels: ChannelSummary[]): void {
  const mentions = channels.reduce((sum, channel) => sum + channel.mentions, 0)
  useEffect(() => {
    document.title = mentions > 0 ? `(${mentions}) Playground workspace` : 'Playground workspace'
  }, [mentions])
}
