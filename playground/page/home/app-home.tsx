import { useEffect } from 'react'
import type { View } from '../../workspace/protocol.js'
import { BlocksView } from '../blocks/block-view.js'
import { useHome } from '../control/queries.js'
import { useSession } from '../control/session.js'
import { useSurfaceOf } from '../elements/use-surface.js'

/** The app's Home tab. Opening it tells the app, which then publishes the view. */
export function AppHome() {
  const { control, run, workspace } = useSession()
  const home = useHome(control)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each opening
  useEffect(() => {
    void run(control.openHome())
  }, [control])
  return (
    <section className="home" aria-label={`Home of ${workspace.app.name}`} id="app-home">
      {home.data ? (
        <HomeView key={home.data.id} view={home.data} />
      ) : (
        <p className="home-empty">{workspace.app.name} has not published its Home yet.</p>
      )}
    </section>
  )
}

function HomeView({ view }: { view: View }) {
  const surface = useSurfaceOf({ view_id: view.id }, view.blocks, { typed: view.state.values })
  return <BlocksView blocks={view.blocks} surface={surface} />
}
