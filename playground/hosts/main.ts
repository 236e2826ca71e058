// A host's agent: node main.js <config file> <mark>
import { readFileSync } from 'node:fs'
import { createHost } from './host.js'
import { hostConfigSchema } from './state.js'

const config = hostConfigSchema.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')))
const app = await createHost(config, readFileSync(config.tokenFile, 'utf8').trim())
await app.listen({ host: '127.0.0.1', port: config.port })
console.log(JSON.stringify({ ready: true, part: 'host', name: config.name, port: config.port }))

// Instances go on running: stopping the agent is not stopping the shop.
process.on('SIGTERM', () => void app.close().then(() => process.exit(0)))
process.on('SIGINT', () => void app.close().then(() => process.exit(0)))
