import { fileURLToPath } from 'node:url'
import { App, type AppOptions, LogLevel } from '@slack/bolt'
import { WebClient } from '@slack/web-api'
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../../../playground/workspace/server.js'
import { createControl } from '../../support/control.js'
import { createPerson } from '../../support/person.js'
import { waitFor } from '../../support/wait-for.js'

export const manifestPath = fileURLToPath(new URL('manifest.yml', import.meta.url))

/** A workspace without rate limits, with Rita, Marco and the control API at hand. */
export async function startTestWorkspace(options: Partial<WorkspaceOptions> = {}) {
  const workspace = await startWorkspace({ manifestPath, limits: false, ...options })
  return { workspace, ...at(workspace) }
}

/** The same people and clients for a workspace that runs already. */
export function at({ url, tokens }: Workspace) {
  const slackApiUrl = `${url}/api/`
  const once = { slackApiUrl, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true }
  return {
    control: createControl(url),
    rita: createPerson(url, 'U0RITA'),
    marco: createPerson(url, 'U0MARCO'),
    gus: createPerson(url, 'U0GUS'),
    client: new WebClient(tokens.bot, { ...once, logger: silent }),
    clientWith: (token: string) => new WebClient(token, { ...once, logger: silent }),
  }
}

/** A Bolt app that is connected to the workspace by Socket Mode. */
export async function startBoltApp(workspace: Workspace, prepare: (app: App) => void, options: AppOptions = {}) {
  const app = new App({
    token: workspace.tokens.bot,
    appToken: workspace.tokens.app,
    socketMode: true,
    logger: silent,
    clientOptions: { slackApiUrl: `${workspace.url}/api/`, retryConfig: { retries: 0 } },
    ...options,
  })
  prepare(app)
  const control = createControl(workspace.url)
  const before = await control.sockets('status')
  await app.start()
  await waitFor('the app is connected', async () => (await control.sockets('status')) > before)
  return app
}

export const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
}
