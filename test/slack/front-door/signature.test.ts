import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSignatures } from '../../../src/slack/front-door/signature.js'
import { atFullSize } from '../../support/parts.js'

const now = new Date('2026-03-01T12:00:00Z')
const seconds = now.getTime() / 1000
const body: Buffer = Buffer.from('team_id=T1&command=%2Fdeploy&text=prod')

function headers(at: number | string = seconds, secret = 'new', bytes: Buffer = body) {
  const signature = createHmac('sha256', secret).update(`v0:${at}:`).update(bytes).digest('hex')
  return { 'x-slack-request-timestamp': String(at), 'x-slack-signature': `v0=${signature}` }
}

const takes = (given: ReturnType<typeof headers>, bytes = body, signatures = createSignatures([{ secret: 'new' }])) => {
  const claim = signatures.claimed(given, now)
  return claim !== null && signatures.signed(bytes, claim, now)
}

describe('a signed request', () => {
  test.each([
    ['signed now', seconds, true],
    ['4 min 59 s old', seconds - 299, true],
    ['4 min 59 s ahead', seconds + 299, true],
    ['5 min 1 s old', seconds - 301, false],
    ['5 min 1 s ahead', seconds + 301, false],
    ['an hour ahead', seconds + 3_600, false],
    ['ten years ahead', seconds + 315_360_000, false],
    ['without a time', '', false],
    ['at NaN', 'NaN', false],
    ['in another notation', '1e9', false],
    ['with a fraction', `${seconds}.5`, false],
    ['with a sign', `+${seconds}`, false],
    ['with spaces', ` ${seconds}`, false],
    ['in hexadecimal', `0x${seconds.toString(16)}`, false],
    ['with the time twice', `${seconds}, ${seconds}`, false],
  ])('%s', (_what, at, taken) => {
    expect(takes(headers(at))).toBe(taken)
  })

  test('with two signatures in one header is refused', () => {
    const given = headers()
    expect(
      takes({ ...given, 'x-slack-signature': `${given['x-slack-signature']}, ${given['x-slack-signature']}` }),
    ).toBe(false)
  })

  test('is taken under the old secret until its time is over', () => {
    const until = (at: Date) => createSignatures([{ secret: 'new' }, { secret: 'old', until: at }])
    expect(takes(headers(seconds, 'old'), body, until(new Date(now.getTime() + 1)))).toBe(true)
    expect(takes(headers(seconds, 'new'), body, until(new Date(now.getTime() + 1)))).toBe(true)
    expect(takes(headers(seconds, 'old'), body, until(now))).toBe(false)
  })

  test('cannot be checked with an empty secret', () => {
    expect(() => createSignatures([{ secret: '' }])).toThrow('empty')
  })
})

const edit = fc.record({
  place: fc.nat(),
  byte: fc.integer({ min: 0, max: 255 }),
  how: fc.constantFrom('set', 'add', 'cut'),
})

function edited(bytes: Buffer, { place, byte, how }: { place: number; byte: number; how: string }): Buffer {
  const at = place % bytes.length
  const rest = bytes.subarray(how === 'add' ? at : at + 1)
  return Buffer.concat([bytes.subarray(0, at), how === 'cut' ? Buffer.alloc(0) : Buffer.from([byte]), rest])
}

test('no change of a byte in the body, the time or the signature is taken', () => {
  const parts = fc.constantFrom('body', 'x-slack-request-timestamp', 'x-slack-signature')
  const cases = fc.property(parts, fc.array(edit, { minLength: 1, maxLength: 3 }), (part, edits) => {
    const given = headers()
    const original = part === 'body' ? body : Buffer.from(given[part as keyof typeof given])
    const changed = edits.reduce(edited, original)
    if (changed.equals(original) || changed.length === 0) return
    const taken =
      part === 'body' ? takes(given, changed) : takes({ ...given, [part]: changed.toString('latin1') }, body)
    expect(taken).toBe(false)
  })
  fc.assert(cases, { numRuns: atFullSize('signatures') ? 100_000 : 10_000 })
})
