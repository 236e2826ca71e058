import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { signingSecret } from './commands.js'
import type { SlackSink } from './slack-sink.js'

const compiled = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

export type Program = { pid: number; port: number; err(): string; stop(signal?: NodeJS.Signals): Promise<void> }

/** Shipmate as an operator starts it with signed HTTP: front and worker in one process, on a database that is there. */
export function startProduct(databaseUrl: string, sink: SlackSink, dir: string, port: number): Program {
  return startProgram([...nodeFlags(), compiled('src/main.js')], port, {
    DATABASE_URL: databaseUrl,
    SHIPMATE_DIR: dir,
    SHIPMATE_CONFIG: compiled('playground/shipmate.yml'),
    SLACK_API_URL: sink.apiUrl,
    SLACK_BOT_TOKEN: 'xoxb-bench',
    SLACK_SIGNING_SECRET: signingSecret,
    LOG_LEVEL: 'warn',
    SHOP_HOST_1: 'http://127.0.0.1:1',
    SHOP_HOST_2: 'http://127.0.0.1:1',
    SHOP_PROXY_ADMIN: 'http://127.0.0.1:1',
    SHOP_PROXY: 'http://127.0.0.1:1',
    SHOP_TOKEN_FILE: join(dir, 'token'),
    SHOP_RELEASES: dir,
    SHOP_ALERTS_TOKEN: 'alerts',
    SHOP_BACKUPS: join(dir, 'backups'),
    SHOP_SCRATCH: join(dir, 'scratch'),
    ...{ SHOP_DATABASE_FOLDER: dir, SHOP_NODE: process.execPath, SHOP_SERVER: compiled('playground/shop/server.js') },
    ALERTS_PORT: '0',
  })
}

/** What `npm start` gives node. */
function nodeFlags(): string[] {
  const { scripts } = JSON.parse(readFileSync(compiled('../package.json'), 'utf8')) as { scripts: { start: string } }
  return scripts.start.match(/(?<= )--max[a-z-]+=\d+/g) ?? []
}

/** Starts node with these arguments, the program among them. */
export function startProgram(args: string[], port: number, env: { [name: string]: string }): Program {
  const child: ChildProcess = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', PORT: String(port), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let err = ''
  child.stderr?.on('data', (text: Buffer) => {
    err += text.toString()
  })
  return {
    pid: child.pid ?? 0,
    port,
    err: () => err,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    },
  }
}

/** What the process holds of the machine's memory, in MB. */
export function residentMb(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}

/** A port nobody listens on, nor on the next one. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await triedPort(0)
    if (port && port < 65_000 && (await triedPort(port + 1))) return port
  }
}

async function triedPort(wanted: number): Promise<number | null> {
  const server = createServer()
  try {
    server.listen(wanted, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address ? address.port : null
  } catch {
    return null
  } finally {
    server.close()
  }
}
