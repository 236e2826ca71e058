// The proxy before the shop: node main.js <config file> <mark>
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createProxy } from './proxy.js'
import { proxyConfigSchema } from './state.js'

const config = proxyConfigSchema.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')))
const proxy = createProxy(config, readFileSync(config.tokenFile, 'utf8').trim())
proxy.visitors.listen(config.publicPort, '127.0.0.1')
await once(proxy.visitors, 'listening')
await proxy.admin.listen({ host: '127.0.0.1', port: config.adminPort })
console.log(JSON.stringify({ ready: true, part: 'proxy', name: config.name, port: config.publicPort }))

process.on('SIGTERM', () => void proxy.close().then(() => process.exit(0)))
process.on('SIGINT', () => void proxy.close().then(() => process.exit(0)))
