import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { timeLimit } from '../src/clock.js'

setFlagsFromString('--expose_gc')
const collect: () => void = runInNewContext('gc')

/** Whether a signal that nobody holds but a listener fires, while memory is collected all the time. */
async function fires(make: () => AbortSignal): Promise<boolean> {
  let fired = false
  const heard = () => {
    fired = true
  }
  const listen = (signal: AbortSignal) => signal.addEventListener('abort', heard, { once: true })
  listen(make())
  for (let round = 0; round < 8; round += 1) {
    collect()
    await pause(50)
  }
  return fired
}

test('a time limit is kept whatever memory is collected meanwhile, alone and with others', async () => {
  const never = new AbortController()
  expect(await fires(() => timeLimit(100))).toBe(true)
  expect(await fires(() => timeLimit(100, never.signal))).toBe(true)
})

test('it ends with the first of the others, by their reason, and listens to none of them afterwards', async () => {
  const [one, other] = [new AbortController(), new AbortController()]
  const limit = timeLimit(60_000, one.signal, other.signal)
  one.abort('stopped')
  other.abort('later')
  expect([limit.aborted, limit.reason]).toEqual([true, 'stopped'])
  expect(timeLimit(60_000, one.signal).reason).toBe('stopped')
  const late = timeLimit(20)
  await pause(60)
  expect(late.reason).toMatchObject({ name: 'TimeoutError' })
})
