// People who visit the shop: node main.js <config file> <mark>
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { createLoopbackApi } from '../loopback-api.js'
import { startVisitors } from './visitors.js'

const configSchema = z.object({
  name: z.string(),
  mark: z.string(),
  tokenFile: z.string(),
  port: z.number(),
  url: z.url(),
  rate: z.number(),
})
const config = configSchema.parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')))
const visitors = startVisitors({ url: config.url, rate: config.rate })
const token = readFileSync(config.tokenFile, 'utf8').trim()
const app = createLoopbackApi({ part: 'visitors', name: config.name, mark: config.mark }, token)
app.get('/counts', async () => visitors.counts())
app.post('/rate', async (request) => {
  const { rate } = z.object({ rate: z.number().min(0).max(2000) }).parse(request.body)
  visitors.setRate(rate)
  return { rate }
})
await app.listen({ host: '127.0.0.1', port: config.port })
console.log(JSON.stringify({ ready: true, part: 'visitors', name: config.name, port: config.port }))

const leave = () => void Promise.all([visitors.stop(), app.close()]).then(() => process.exit(0))
process.on('SIGTERM', leave)
process.on('SIGINT', leave)
