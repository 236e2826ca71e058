import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { optIn } from '../../support/parts.js'
import { command, post, useDoorway } from './doorway.js'

const doorway = useDoorway()
const full = optIn('front-door-kills')
const kills = full ? 500 : 8
const senders = 8

test('what was acknowledged is handled exactly once in its effect, however often the front is killed', async () => {
  await doorway.query('create table if not exists handled (trigger_id text primary key, times int not null)')
  let front = await startFront()
  let killing = true
  const acknowledged: string[] = []
  const sending = Array.from({ length: senders }, async () => {
    while (killing) {
      const trigger = `1.2.${Math.random().toString(16).slice(2)}`
      const { status } = await post(front.url, command({ trigger_id: trigger })).catch(() => ({ status: 0 }))
      if (status === 200) acknowledged.push(trigger)
    }
  })
  for (let round = 0; round < kills; round++) {
    const wanted = acknowledged.length + 1 + Math.floor(Math.random() * 80)
    await expect.poll(() => acknowledged.length >= wanted, { timeout: 20_000, interval: 2 }).toBe(true)
    await front.kill()
    front = await startFront()
  }
  killing = false
  await Promise.all(sending)
  const open = async () => (await doorway.query('select from shipmate.inbox where done_at is null')).length
  await expect.poll(open, { timeout: 30_000 }).toBe(0)

  const rows = await count('select key as name from shipmate.inbox')
  const effects = await count('select trigger_id as name from handled')
  expect(acknowledged.length).toBeGreaterThan(kills)
  expect(violations(acknowledged, rows, effects)).toEqual([])
  const planted = acknowledged[0] ?? ''
  expect(
    violations(acknowledged, new Map([...rows].filter(([name]) => !name.endsWith(planted))), effects),
  ).toHaveLength(1)
  expect(violations(acknowledged, rows, new Map([...effects].filter(([name]) => name !== planted)))).toHaveLength(1)
  const again = await doorway.query<{ times: number }>('select times from handled where times > 1')
  // A listener that had finished when the process died is run again; its effect has the delivery's name and stays one.
  expect(again.length).toBeLessThanOrEqual(kills * 40)
}, 3_600_000)

const count = async (text: string) =>
  new Map((await doorway.query<{ name: string }>(text)).map(({ name }) => [name, 1] as const))

/** What was acknowledged and has no row, or no effect. */
function violations(acknowledged: string[], rows: Map<string, number>, effects: Map<string, number>): string[] {
  return acknowledged.flatMap((trigger) => [
    ...(rows.has(`command ${trigger}`) ? [] : [`${trigger} has no row`]),
    ...(effects.has(trigger) ? [] : [`${trigger} was not handled`]),
  ])
}

async function startFront() {
  const path = fileURLToPath(new URL('dying-front.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', path, doorway.url()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  onTestFinished(kill)
  if (!child.stdout) throw new Error('no output of the front')
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { url: `http://127.0.0.1:${port}/slack/events`, kill }
}
