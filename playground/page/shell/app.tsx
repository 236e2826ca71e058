import { useEffect } from 'react'
import type { Person, Workspace } from '../../workspace/protocol.js'
import { useWorkspace } from '../control/queries.js'
import { go, useRoute } from '../control/route.js'
import { WorkspacePage } from './workspace-page.js'

const remembered = 'playground.person'

export function App() {
  const workspace = useWorkspace()
  const route = useRoute()
  const people = playable(workspace.data)
  const me =
    people.find(({ id }) => id === route.user) ??
    people.find(({ id }) => id === localStorage.getItem(remembered)) ??
    people[0]
  useEffect(() => {
    if (!me) return
    localStorage.setItem(remembered, me.id)
    if (route.user !== me.id) go({ user: me.id, home: false })
  }, [me, route.user])

  if (workspace.error && !workspace.data)
    return <Wait text={workspace.error.message} retry={() => void workspace.refetch()} />
  if (!workspace.data || !me) return <Wait text="Opening the workspace…" />
  return (
    <WorkspacePage
      key={me.id}
      me={me}
      people={people}
      workspace={workspace.data}
      route={{ ...route, user: me.id }}
      askedAtMs={workspace.dataUpdatedAt}
    />
  )
}

/** The people one can act as: everybody who is there and no bot. */
function playable(workspace: Workspace | undefined): Person[] {
  return (workspace?.people ?? []).filter(({ kind, deleted }) => kind !== 'bot' && !deleted)
}

function Wait({ text, retry }: { text: string; retry?: () => void }) {
  return (
    <main className="wait">
      {!retry && <span className="spinner" aria-hidden="true" />}
      <p role={retry ? 'alert' : 'status'}>{text}</p>
      {retry && (
        <button type="button" className="btn" onClick={retry}>
          Try again
        </button>
      )}
    </main>
  )
}
