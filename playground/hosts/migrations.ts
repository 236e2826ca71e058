import { execFile } from 'node:child_process'
import type { HostState, MigrationResult } from './state.js'

/** Runs a release's migrations once per key; only success is remembered, since a failed one may be tried again. */
export function createMigrations(state: HostState, persist: () => void) {
  const running = new Map<string, Promise<MigrationResult>>()

  async function runOnce(key: string, folder: string, env: { [name: string]: string }): Promise<MigrationResult> {
    const result = await runMigrations(folder, env)
    if (result.ok) {
      state.migrations[key] = result
      forgetOldest(state.migrations, 200)
      persist()
    }
    return result
  }

  return {
    run(key: string, folder: string, env: { [name: string]: string }): Promise<MigrationResult> {
      const recorded = state.migrations[key]
      if (recorded !== undefined) return Promise.resolve(recorded)
      const current = running.get(key) ?? runOnce(key, folder, env).finally(() => running.delete(key))
      running.set(key, current)
      return current
    },
  }
}

function runMigrations(folder: string, env: { [name: string]: string }): Promise<MigrationResult> {
  const began = Date.now()
  const at = new Date(began).toISOString()
  return new Promise((resolve) => {
    const options = { cwd: folder, env, timeout: 600_000, maxBuffer: 1024 * 1024 }
    execFile(process.execPath, ['migrate.js'], options, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.slice(-16_000)
      resolve({ ok: error === null, output, at, tookMs: Date.now() - began })
    })
  })
}

function forgetOldest(results: { [key: string]: MigrationResult }, most: number): void {
  for (const key of Object.keys(results).slice(0, -most)) delete results[key]
}
