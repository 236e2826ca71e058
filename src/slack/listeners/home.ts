import type { App } from '@slack/bolt'
import type { HomeView } from '@slack/types'
import { homeView } from '../views/home-view.js'
import { drawn } from './answers.js'
import { askerOf } from './asker.js'
import { attempt } from './attempt.js'
import type { FaceParts } from './parts.js'

/** App Home is drawn each time somebody opens it. */
export function listenToHome(app: App, parts: FaceParts): void {
  app.event('app_home_opened', async ({ event, body }) => {
    if (event.tab === 'home') await drawHome(parts, { user: event.user, team: body.team_id, delivery: body.event_id })
  })
}

/** Draws somebody's Home as it is now. */
export async function drawHome(
  parts: FaceParts,
  { user, team, delivery }: { user: string; team: string; delivery: string },
): Promise<void> {
  let view: HomeView | null = null
  const reply = await attempt(parts, 'App Home', team, async () => {
    const asker = await askerOf(parts, { user, userName: '', team, via: 'slack', delivery })
    view = homeView(await parts.desk.home(asker), { now: parts.clock.now(), channelOf: parts.channelOf })
    return { kind: 'said', text: '' }
  })
  const published = await parts.web.call('views.publish', {
    user_id: user,
    view: view ?? { type: 'home', blocks: drawn(parts, reply).blocks },
  })
  if (!published.ok) parts.log.warn({ answer: published }, 'App Home was not drawn')
}
