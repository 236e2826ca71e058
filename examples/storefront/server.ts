// One instance of the shop. PORT, DATABASE_URL and INSTANCE_ID come from the place it runs on.
import pg from 'pg'
import { createShop } from './shop/app.js'
import type { Life } from './shop/health.js'
import { readRelease } from './shop/release.js'

const folder = import.meta.dirname
const release = readRelease(folder)
const life: Life = { startedAt: Date.now(), leaving: false, instance: process.env.INSTANCE_ID ?? 'local' }
const db = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 5,
  connectionTimeoutMillis: 2000,
  application_name: `storefront ${release.version}`,
})
// An idle connection that the server closes must not end the process.
db.on('error', (error) => console.error(`database: ${error.message}`))

const app = await createShop({ db, release, life, folder })
await app.listen({ port: Number(process.env.PORT ?? 3000), host: process.env.HOST ?? '127.0.0.1' })
console.log(`storefront ${release.version} listens on ${process.env.PORT ?? 3000}`)

/** By now nobody sends new visitors here; what is being answered is finished, and clients are told not to come back. */
async function leave(): Promise<void> {
  if (life.leaving) return
  life.leaving = true
  await app.close()
  await db.end()
  console.log('stopped')
}
process.on('SIGTERM', () => void leave())
process.on('SIGINT', () => void leave())
