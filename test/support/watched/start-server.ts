// Starts the PostgreSQL of a folder again, as an operator's own program would, and leaves it running.
import { silentLog } from '../../../src/log.js'
import { startEmbeddedPostgres } from '../../../src/store/embedded.js'
import { serverSettings } from './server-settings.js'

const [dir = '', ...settings] = process.argv.slice(2)
await startEmbeddedPostgres({ dir, settings: settings.length > 0 ? settings : serverSettings, log: silentLog })
process.stdout.write('it runs again\n')
process.exit(0)
