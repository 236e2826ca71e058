import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/store/embedded/postmaster.js'
import { waitFor } from './wait-for.js'

export type TestRedis = {
  url: string
  /** Ends it like a crash; `restart` brings it back on the same port with what its log kept. */
  kill(): Promise<void>
  restart(): Promise<void>
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
    stop: async () => {
      await end('SIGTERM')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.once('data', (bytes) => end(bytes.toString().startsWith('+PONG')))
    socket.once('error', () => end(false))
    const end = (answered: boolean) => {
      socket.destroy()
      done(answered)
    }
  })
}
