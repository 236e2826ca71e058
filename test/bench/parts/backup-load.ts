import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalServer } from '../../support/backups/local-server.js'
import { percentile } from './figures.js'

const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }

/** A database of pgbench, about 15 MB for each step of its scale. */
export async function filledDatabase({ bin, port, as }: LocalServer, scale: number): Promise<void> {
  const words = ['-i', '-q', '-s', String(scale), '-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', 'postgres']
  const child = spawn(join(bin, 'pgbench'), words, { ...as, cwd: '/', env: environment, stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`pgbench -i ended with ${code}`)
}

export type Load = {
  /** p95 in ms of the transactions that ended in these moments. */
  p95(windows: { from: number; to: number }[]): number
  stop(): Promise<void>
}

/** An application: its usual transactions at an even rate, each with its duration from when it was due. */
export function startLoad({ bin, port, as, dir }: LocalServer, perSecond: number): Load {
  const log = join(dir, 'sockets', 'load')
  const where = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres']
  const words = [
    '-n',
    '-c',
    '4',
    '-j',
    '1',
    '-T',
    '7200',
    '-R',
    String(perSecond),
    '-l',
    `--log-prefix=${log}`,
    ...where,
  ]
  const child = spawn(join(bin, 'pgbench'), [...words, 'postgres'], {
    ...as,
    cwd: '/',
    env: environment,
    stdio: 'ignore',
  })
  const gone = once(child, 'exit')
  return {
    p95(windows) {
      const took = readdirSync(join(dir, 'sockets'))
        .filter((name) => name.startsWith('load.'))
        .flatMap((name) =>
          readFileSync(join(dir, 'sockets', name), 'utf8')
            .trim()
            .split('\n'),
        )
        .map((line) => line.split(' ').map(Number))
        .filter(([, , , , seconds = 0]) =>
          windows.some(({ from, to }) => seconds * 1000 >= from && seconds * 1000 <= to),
        )
        .map(([, , micros = 0]) => micros / 1000)
      return percentile(took, 0.95)
    },
    async stop() {
      child.kill('SIGTERM')
      await gone
    },
  }
}
