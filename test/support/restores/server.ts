// Stops or starts an embedded PostgreSQL as an operator's command would: by its folder, in a process of its own.
import { silentLog } from '../../../src/log.js'
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '../../../src/store/embedded.js'

const [what, dir = '', ...settings] = process.argv.slice(2)
if (what === 'stop') await stopEmbeddedPostgres(dir, silentLog)
else await startEmbeddedPostgres({ dir, settings, log: silentLog })
process.exit(0)
