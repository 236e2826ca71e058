// Stops or starts the shop's server, as the operator's file of the playground has a restore do it:
// node server.js stop|start <its folder>
import { asShipmateError } from '../../src/errors.js'
import { silentLog } from '../../src/log.js'
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '../../src/store/embedded.js'
import { shopSettings } from './settings.js'

const [what, dir = ''] = process.argv.slice(2)
let code = 0
try {
  if (what === 'stop') await stopEmbeddedPostgres(dir, silentLog)
  else await startEmbeddedPostgres({ dir, settings: shopSettings, log: silentLog })
} catch (thrown) {
  const { message, details } = asShipmateError(thrown)
  console.error(`${message}: ${JSON.stringify(details ?? {})}`)
  code = 1
}
process.exit(code)
