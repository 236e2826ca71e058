import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readConfig } from '../config.js'
import { refused, type ShipmateError } from '../errors.js'
import type { Terminal } from './terminal.js'

/** Which Shipmate to speak to, and as whom. */
export type Instance = { url: string; token: string }

const announced = z.object({ url: z.url() })

/** SHIPMATE_URL, or the instance that runs on this machine, which leaves its address in `.shipmate/http.json`. */
export async function instanceUrl(terminal: Terminal): Promise<string> {
  const config = readConfig(terminal.env)
  if (config.terminal.url) return config.terminal.url.replace(/\/+$/, '')
  const file = join(config.dir, 'http.json')
  const text = await readFile(file, 'utf8').catch(() => null)
  const parsed = announced.safeParse(text === null ? null : parsedJson(text))
  if (!parsed.success) throw notRunning(file)
  return parsed.data.url.replace(/\/+$/, '')
}

/** SHIPMATE_TOKEN, or what `shipmate login` stored. */
export async function personalToken(terminal: Terminal): Promise<string> {
  const fromEnv = readConfig(terminal.env).terminal.token
  const token = fromEnv ?? (await readFile(tokenFile(terminal), 'utf8').catch(() => ''))
  if (token.trim()) return token.trim()
  throw refused('token-missing', 'Shipmate does not know who you are.', {
    wanted: `a token in SHIPMATE_TOKEN or ${tokenFile(terminal)}`,
    came: 'none',
    next: 'Get one in Slack with `/ops token`, then run `shipmate login`.',
  })
}

/** Writes the token where only this person can read it; returns the file's path. */
export async function keepToken(terminal: Terminal, token: string): Promise<string> {
  const file = tokenFile(terminal)
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 })
  await writeFile(file, `${token}\n`, { mode: 0o600 })
  // The mode above counts only for a new file.
  await chmod(file, 0o600)
  return file
}

const tokenFile = (terminal: Terminal) => join(terminal.home, '.config', 'shipmate', 'token')

const notRunning = (file: string): ShipmateError =>
  refused('not-running', 'No Shipmate was found.', {
    wanted: `SHIPMATE_URL, or ${file} of an instance on this machine`,
    came: 'neither',
    next: 'Start one with `npm start`, or set SHIPMATE_URL.',
  })

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
