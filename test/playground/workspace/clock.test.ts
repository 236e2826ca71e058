import { afterEach, describe, expect, it } from 'vitest'
import { createClock } from '../../../playground/workspace/clock.js'
import { waitFor } from '../../support/wait-for.js'

describe('the workspace’s clock', () => {
  const clock = createClock()
  afterEach(() => clock.stop())

  it('runs what falls due while it is moved, earliest first', () => {
    const ran: string[] = []
    clock.after(60_000, () => ran.push('minute'))
    clock.after(1000, () => {
      ran.push('second')
      clock.after(0, () => ran.push('after the second'))
    })
    clock.advance(2000)
    expect(ran).toEqual(['second', 'after the second'])
    clock.advance(58_000)
    expect(ran).toEqual(['second', 'after the second', 'minute'])
  })

  it('runs what falls due by itself, and forgets what was cancelled', async () => {
    const ran: string[] = []
    const cancel = clock.after(5, () => ran.push('cancelled'))
    clock.after(10, () => ran.push('kept'))
    cancel()
    await waitFor('the timer', () => ran.length > 0)
    expect(ran).toEqual(['kept'])
  })

  it('bears timers longer than a month', () => {
    const ran: string[] = []
    clock.after(60 * 86_400_000, () => ran.push('two months'))
    clock.advance(59 * 86_400_000)
    expect(ran).toEqual([])
    clock.advance(2 * 86_400_000)
    expect(ran).toEqual(['two months'])
  })
})
