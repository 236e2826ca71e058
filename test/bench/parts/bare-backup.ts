import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../../src/clock.js'
import { freePort } from '../../../src/free-port.js'
import { stopPostmaster } from '../../../src/integrations/backups/scratch/postmaster.js'
import { rowsOf } from '../../support/backups/engine-rig.js'
import { folderFor, type LocalServer } from '../../support/backups/local-server.js'

/** The same work as a person does it at a terminal, without Shipmate. */
export type Bare = {
  run(program: string, words: string[]): Promise<void>
  /** Restores and starts; ms until the server accepts connections as a primary. */
  restored(program: string, words: string[], name: string): Promise<number>
}

export function bareTools({ bin, as, dir, socketFolder }: LocalServer): Bare {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  const run: Bare['run'] = async (program, words) => {
    const child = spawn(program, words, { ...as, env, cwd: '/', stdio: ['ignore', 'ignore', 'inherit'] })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`${program} ${words[0]} ended with ${code}`)
  }
  return {
    run,
    async restored(program, words, name) {
      const data = folderFor(as, dir, name)
      execFileSync('chmod', ['700', data])
      const port = await freePort()
      dropCaches()
      const began = performance.now()
      await run(program, [...words, `--pg1-path=${data}`])
      const flags = [`port=${port}`, 'listen_addresses=127.0.0.1', `unix_socket_directories=${socketFolder}`]
      const server = spawn(join(bin, 'postgres'), ['-D', data, ...flags.flatMap((flag) => ['-c', flag])], {
        ...as,
        env,
        cwd: '/',
        stdio: 'ignore',
      })
      const url = `postgres://postgres@127.0.0.1:${port}/postgres`
      while (!(await isPrimary(url))) await pause(20)
      const took = performance.now() - began
      await stopPostmaster(data, systemClock)
      if (server.exitCode === null) await once(server, 'exit')
      rmSync(data, { recursive: true, force: true })
      return took
    },
  }
}

const isPrimary = (url: string): Promise<boolean> =>
  rowsOf<{ over: boolean }>(url, 'select not pg_is_in_recovery() as over').then(
    ([row]) => row?.over ?? false,
    () => false,
  )

/** So that everybody reads from the disk; where the machine forbids it, nobody does. */
export function dropCaches(): void {
  execFileSync('sync')
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3')
  } catch {
    console.log('caches cannot be dropped here: everybody reads warm data')
  }
}
