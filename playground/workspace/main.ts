import { parseArgs } from 'node:util'
import { startWorkspace, type WorkspaceOptions } from './server.js'

/**
 * The workspace as its own process. Options as arguments or, in capitals behind `WORKSPACE_`, in the environment:
 * --port, --data-dir, --manifest, --page-dir, --limits on|off, --request-url (HTTP delivery; Socket Mode without it).
 * Prints one line `{"ready":true,"url":…}`; SIGTERM and SIGINT save and stop.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: process.env.WORKSPACE_PORT },
    'data-dir': { type: 'string', default: process.env.WORKSPACE_DATA_DIR },
    manifest: { type: 'string', default: process.env.WORKSPACE_MANIFEST ?? 'manifest.yml' },
    'page-dir': { type: 'string', default: process.env.WORKSPACE_PAGE_DIR },
    limits: { type: 'string', default: process.env.WORKSPACE_LIMITS ?? 'on' },
    'request-url': { type: 'string', default: process.env.WORKSPACE_REQUEST_URL },
  },
})

const url = values['request-url']
const options: WorkspaceOptions = {
  port: Number(values.port ?? 0),
  dataDir: values['data-dir'],
  manifestPath: values.manifest,
  pageDir: values['page-dir'],
  limits: values.limits !== 'off',
  ...(url && { delivery: { mode: 'http', url } }),
}

try {
  const workspace = await startWorkspace(options)
  const stop = () => void workspace.close().then(() => process.exit(0))
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  // The parent may be gone before this process; a closed pipe is no reason to stop.
  process.stdout.on('error', () => {})
  console.log(JSON.stringify({ ready: true, url: workspace.url }))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
