// Stops or starts an embedded PostgreSQL as an operator's command would: by its folder, in a process of its own. Where a test
// left word beside that folder, it ends whoever told it, once the server has stopped or before it starts.
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog } from '../../../src/log.js'
import { startEmbeddedPostgres, stopEmbeddedPostgres } from '../../../src/store/embedded.js'

const [what, dir = '', ...settings] = process.argv.slice(2)
if (what === 'stop') await stopEmbeddedPostgres(dir, silentLog)
const word = join(dir, '..', `kill-at-${what}`)
if (existsSync(word)) {
  rmSync(word)
  process.kill(process.ppid, 'SIGKILL')
  process.exit(1)
}
if (what === 'start') await startEmbeddedPostgres({ dir, settings, log: silentLog })
process.exit(0)
