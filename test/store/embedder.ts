// Starts an embedded PostgreSQL, says where, and stays until it is killed.
import { silentLog } from '../../src/log.js'
import { startEmbeddedPostgres } from '../../src/store/embedded.js'

const [dir = ''] = process.argv.slice(2)
const { url } = await startEmbeddedPostgres({ dir, log: silentLog })
process.stdout.write(`${url}\n`)
setInterval(() => {}, 60_000)
