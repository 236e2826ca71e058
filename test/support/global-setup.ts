import { execFileSync } from 'node:child_process'
import { stopClusters } from './database.js'
import { removeSeeds } from './seeded-cluster.js'

/**
 * Tests that start real processes run the compiled program, so it is built once before the first test. Databases come
 * from one embedded server, started by whoever needs it first and stopped here.
 */
export default async function setup(): Promise<() => Promise<void>> {
  execFileSync(process.execPath, ['scripts/build.js', '--if-stale'], { stdio: 'inherit' })
  process.env.SHIPMATE_TEST_RUNNER = String(process.pid)
  await clearAway()
  const database = process.env.TEST_DATABASE_URL ? 'the PostgreSQL of TEST_DATABASE_URL' : 'embedded PostgreSQL 18'
  console.log(`tests run on Node ${process.versions.node} and ${database}`)
  return clearAway
}

async function clearAway(): Promise<void> {
  await stopClusters()
  removeSeeds()
}
