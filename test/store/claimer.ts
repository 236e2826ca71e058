// Claims a run, says so, and stays until it is killed.
import { silentLog } from '../../src/log.js'
import { openStore } from '../../src/store/connect.js'

const [url = '', run = '0'] = process.argv.slice(2)
const store = await openStore({ ownerUrl: url, log: silentLog })
const claim = await store.runs.claim(Number(run))
process.stdout.write(`${claim?.epoch ?? 'none'}\n`)
setInterval(() => {}, 60_000)
