import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/free-port.js'
import { waitFor } from './wait-for.js'

export type TestRedis = {
  url: string
  /** Ends it like a crash; `restart` brings it back on the same port with what its log kept. */
  kill(): Promise<void>
  restart(): Promise<void>
  /** Back on the same port with nothing. */
  restartEmpty(): Promise<void>
  /** Everything in it is gone; it goes on. */
  flush(): Promise<void>
  stop(): Promise<void>
}

/** A Redis of its own on loopback, keeping every write in its append-only file. */
export async function startRedis(): Promise<TestRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-redis-'))
  const port = await freePort()
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--appendonly', 'yes', '--save', '']
  let server: ChildProcess
  const start = async () => {
    server = spawn('redis-server', [...flags, '--appendfsync', 'always'], { stdio: 'ignore' })
    await waitFor('Redis answers', () => answers(port))
  }
  const end = async (signal: NodeJS.Signals) => {
    const gone = new Promise((done) => server.once('exit', done))
    if (server.exitCode === null && server.signalCode === null && server.kill(signal)) await gone
  }
  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    kill: () => end('SIGKILL'),
    restart: start,
    restartEmpty: async () => {
      rmSync(dir, { recursive: true, force: true })
      mkdirSync(dir)
      await start()
    },
    flush: () => flushed(port),
    stop: async () => {
      await end('SIGTERM')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

const answers = (port: number) => says(port, 'PING', '+PONG')

async function flushed(port: number): Promise<void> {
  if (!(await says(port, 'FLUSHALL', '+OK'))) throw new Error('Redis did not flush')
}

/** Whether it answers a command like this. */
function says(port: number, command: string, answer: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`))
    socket.once('data', (bytes) => end(bytes.toString().startsWith(answer)))
    socket.once('error', () => end(false))
    const end = (answered: boolean) => {
      socket.destroy()
      done(answered)
    }
  })
}
