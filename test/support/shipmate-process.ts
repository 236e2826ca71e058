import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { plainEnv } from './stage.js'

const program = (path: string) => fileURLToPath(new URL(`../../dist/src/${path}`, import.meta.url))

/** Shipmate as `npm start` starts it, with nothing in its environment but `env`. */
export type ShipmateProcess = {
  /** What it wrote so far, to either. */
  out(): string
  err(): string
  running(): boolean
  /** The code it ends with; null when a signal ended it. */
  ended: Promise<number | null>
  /** Ctrl-C; resolves when it is gone. */
  stop(): Promise<number | null>
  /** `kill -9`. */
  kill(): Promise<number | null>
}

/** With a role, `npx shipmate front` or `npx shipmate worker`. */
export function startShipmate(env: { [name: string]: string }, role?: 'front' | 'worker'): ShipmateProcess {
  const words = role ? [program('cli/main.js'), role] : [program('main.js')]
  const child = spawn(process.execPath, words, {
    env: { ...plainEnv(), PORT: '0', ALERTS_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const heard = { out: '', err: '' }
  child.stdout.on('data', (text: Buffer) => {
    heard.out += text.toString()
  })
  child.stderr.on('data', (text: Buffer) => {
    heard.err += text.toString()
  })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  return {
    out: () => heard.out,
    err: () => heard.err,
    running: () => child.exitCode === null && child.signalCode === null,
    ended,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}

/** `npx shipmate …` as a person's shell runs it; `input` is what is typed or piped in. */
export async function runShipmate(args: string[], env: { [name: string]: string }, input = '') {
  const child = spawn(process.execPath, [program('cli/main.js'), ...args], { env: { ...plainEnv(), ...env } })
  const heard = { out: '', err: '' }
  child.stdout.on('data', (text: Buffer) => {
    heard.out += text.toString()
  })
  child.stderr.on('data', (text: Buffer) => {
    heard.err += text.toString()
  })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { ...heard, code: code as number }
}
