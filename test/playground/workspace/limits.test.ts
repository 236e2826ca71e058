import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLimits, type Limits } from '../../../playground/workspace/limits.js'

const calls = (limits: Limits, method: string, count: number, nowMs: number, channel?: string) =>
  Array.from({ length: count }, () => limits.take(method, 'T1', channel, nowMs))
const passed = (taken: { ok: boolean }[]) => taken.filter(({ ok }) => ok).length

describe('Rate limits of the local workspace', () => {
  it.each([
    ['views.open', 100],
    ['chat.update', 50],
    ['usergroups.list', 20],
    ['auth.test', 300],
  ])('%s takes %i calls a minute', (method, allowed) => {
    const limits = createLimits()
    expect(passed(calls(limits, method, allowed + 10, 0))).toBe(allowed)
    expect(passed(calls(limits, method, allowed + 10, 60_000))).toBe(allowed)
  })

  it('Posting takes a short burst in a channel, then about one a second', () => {
    const limits = createLimits()
    expect(passed(calls(limits, 'chat.postMessage', 10, 0, 'C1'))).toBe(5)
    expect(limits.take('chat.postMessage', 'T1', 'C1', 1_000)).toEqual({ ok: false, retryAfterS: 4 })
    expect(limits.take('chat.postMessage', 'T1', 'C2', 1_000)).toEqual({ ok: true })
    const steady = Array.from({ length: 60 }, (_, second) =>
      limits.take('chat.postMessage', 'T1', 'C1', 10_000 + second * 1000),
    )
    expect(passed(steady)).toBe(60)
  })

  it('Posting to many channels is limited to several hundred a minute for the team', () => {
    const limits = createLimits()
    const spread = Array.from({ length: 400 }, (_, index) => limits.take('chat.postMessage', 'T1', `C${index}`, 0))
    expect(passed(spread)).toBe(300)
  })

  it('One method at its limit leaves other methods and other teams alone', () => {
    const limits = createLimits()
    calls(limits, 'chat.update', 60, 0)
    expect(limits.take('chat.update', 'T2', undefined, 0).ok).toBe(true)
    expect(limits.take('chat.delete', 'T1', undefined, 0).ok).toBe(true)
  })

  it('Switched off, everything passes and nothing is counted', () => {
    const limits = createLimits()
    limits.enabled = false
    expect(passed(calls(limits, 'chat.update', 500, 0))).toBe(500)
    limits.enabled = true
    expect(limits.take('chat.update', 'T1', undefined, 0).ok).toBe(true)
  })

  it('Who waits as long as told is let through', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 120 })
    fc.assert(
      fc.property(gaps, (all) => {
        const limits = createLimits()
        let nowMs = 0
        for (const gap of all) {
          nowMs += gap
          const taken = limits.take('chat.postMessage', 'T1', 'C1', nowMs)
          if (taken.ok) continue
          nowMs += taken.retryAfterS * 1000
          expect(limits.take('chat.postMessage', 'T1', 'C1', nowMs).ok).toBe(true)
        }
      }),
    )
  })
})
