import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { startRedis } from '../redis.js'

/** A cache that the operator's command brings back, and a queue of jobs in it. */
export async function shopCache(program: string) {
  const redis = await startRedis()
  const port = new URL(redis.url).port
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-rehearsal-redis-'))
  const client = new Redis(redis.url)
  client.on('error', () => {})
  const connection = { url: redis.url, maxRetriesPerRequest: null }
  return {
    url: redis.url,
    client,
    kill: redis.kill,
    restart: [program, '--port', port, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--daemonize', 'yes'],
    queue: (name: string) => {
      const queue = new Queue(name, { connection })
      queue.on('error', () => {})
      return queue
    },
    connection,
    async close() {
      client.disconnect()
      await redis.stop()
      // The one that the command started is nobody's child.
      try {
        execFileSync('redis-cli', ['-p', port, 'shutdown', 'nosave'], { stdio: 'ignore' })
      } catch {
        // None was started.
      }
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
