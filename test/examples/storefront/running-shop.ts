import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from '../../../src/free-port.js'
import { waitFor } from '../../support/wait-for.js'

export type RunningShop = { url: string; stop(): Promise<number | null> }

/** One instance of a built release as a process; it listens when this resolves. */
export async function startShop(folder: string, databaseUrl: string): Promise<RunningShop> {
  const port = await freePort()
  const env = { PATH: process.env.PATH ?? '', DATABASE_URL: databaseUrl, PORT: String(port), INSTANCE_ID: 'test' }
  const child = spawn(process.execPath, ['server.js'], { cwd: folder, env, stdio: 'ignore' })
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  await waitFor('the shop listening', () =>
    fetch(`${url}/healthz`).then(
      () => true,
      () => false,
    ),
  )
  return {
    url,
    async stop() {
      child.kill('SIGTERM')
      const [code] = await ended
      return code as number | null
    },
  }
}

export function migrate(folder: string, databaseUrl: string): Promise<{ code: number; output: string }> {
  const env = { PATH: process.env.PATH ?? '', DATABASE_URL: databaseUrl }
  return new Promise((resolve) => {
    execFile(process.execPath, ['migrate.js'], { cwd: folder, env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: `${stdout}${stderr}` }),
    )
  })
}
