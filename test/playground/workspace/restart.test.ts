import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { WebClient } from '@slack/web-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createControl } from '../../support/control.js'
import { createPerson } from '../../support/person.js'
import { manifestPath, silent } from './started.js'

const main = fileURLToPath(new URL('../../../playground/workspace/main.ts', import.meta.url))
const running = new Set<ChildProcess>()
let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'workspace-'))
})
afterEach(async () => {
  for (const child of running) await end(child, 'SIGKILL')
  await rm(dataDir, { recursive: true, force: true })
})

/** The workspace as its own process. */
async function start() {
  const args = ['--import', 'tsx', main, '--manifest', manifestPath, '--data-dir', dataDir, '--limits', 'off']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  const { ready, url } = JSON.parse(String(line)) as { ready: boolean; url: string }
  expect(ready).toBe(true)
  const client = new WebClient('xoxb-playground', { slackApiUrl: `${url}/api/`, logger: silent })
  return {
    child,
    client,
    control: createControl(url),
    rita: createPerson(url, 'U0RITA'),
    marco: createPerson(url, 'U0MARCO'),
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  running.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exit = once(child, 'exit')
  child.kill(signal)
  return (await exit)[0]
}

const channel = 'C0RELEASES'

describe('a workspace that was killed', () => {
  it('shows the same messages, which the app may still update', async () => {
    const before = await start()
    const { ts = '' } = await before.client.chat.postMessage({ channel, text: 'Card' })
    await before.client.chat.postMessage({ channel, text: 'In the thread', thread_ts: ts })
    await before.rita.send(channel, 'Hello @marco')
    await before.rita.react(channel, ts, 'eyes')
    await before.client.pins.add({ channel, timestamp: ts })
    await before.client.conversations.create({ name: 'inc-1' })
    await before.marco.read(channel, ts)
    const seen = { messages: await before.marco.messages(channel), channels: await before.marco.channels() }
    await end(before.child, 'SIGKILL')

    const after = await start()
    expect({ messages: await after.marco.messages(channel), channels: await after.marco.channels() }).toEqual(seen)
    expect((await after.marco.thread(channel, ts)).at(-1)?.text).toBe('In the thread')
    await after.client.chat.update({ channel, ts, text: 'Card, redrawn' })
    await after.rita.seeMessage(channel, /redrawn/)
    const later = await after.rita.send(channel, 'Later')
    expect(Number(later.ts)).toBeGreaterThan(Number(seen.messages.at(-1)?.ts))
  })

  it('posts what was scheduled', async () => {
    const before = await start()
    const post_at = Math.floor(Date.now() / 1000) + 100
    await before.client.chat.scheduleMessage({ channel, text: 'Due', post_at })
    await end(before.child, 'SIGKILL')
    const after = await start()
    await after.control.advance(101_000)
    await after.rita.seeMessage(channel, /^Due/)
  })
})

describe('a workspace that is told to stop', () => {
  it('ends at once, without an error', async () => {
    const { child } = await start()
    expect(await end(child, 'SIGTERM')).toBe(0)
  })
})

describe('a workspace with a manifest that does not exist', () => {
  it('says which file, and does not start', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', main, '--manifest', '/nowhere/manifest.yml'])
    running.add(child)
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    const [code] = await once(child, 'exit')
    expect(code).toBe(1)
    expect(said).toContain('/nowhere/manifest.yml')
  })
})
