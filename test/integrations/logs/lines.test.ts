import { expect, test } from 'vitest'
import { errorLines, grouped, kindOf } from '../../../src/integrations/logs/lines.js'
import { errorsVerdict } from '../../../src/integrations/logs/logs.js'

const log = `2026-11-26T14:00:00Z INFO started
2026-11-26T14:01:00Z ERROR order 4711 of "anna": deadlock detected in database
    at Error (orders.js:12)
{"time":"2026-11-26T14:01:30Z","error":"price cache: stale generation 7"}
{"level":50,"time":1795701700000,"msg":"stripe answered 503"}
ERROR order 4712 of "bert": deadlock detected in database
no trouble here`

test('error lines are told apart from others, with their time, and alike ones are counted together', () => {
  const lines = errorLines(log)
  expect(lines.map(({ kind }) => kind)).toEqual(['database', 'deploy', 'dependency', 'database'])
  expect(lines[0]?.at).toEqual(new Date('2026-11-26T14:01:00Z'))
  expect(lines[2]?.at).toEqual(new Date(1795701700000))
  expect(grouped(lines)[0]).toMatchObject({ count: 2, kind: 'database' })
})

test.each([
  ['connect ECONNREFUSED 10.0.0.5:6379', 'dependency'],
  ['ENOSPC: no space left on device', 'machine'],
  ['TypeError: total.round is not a function', 'deploy'],
  ['remaining connection slots are reserved: too many clients already', 'database'],
  ['404 Not Found: /wp-login.php', 'user'],
  ['the sky fell', 'unknown'],
])('"%s" probably comes from: %s', (text, kind) => {
  expect(kindOf(text)).toBe(kind)
})

test('only what is new counts, and a log that cannot be read is no proof that all is well', () => {
  const end = (text: string, problem: string | null = null) => [{ name: 'web-1', version: null, text, problem }]
  const at = (time: string) => new Date(`2026-11-26T${time}Z`)
  const old = '2026-11-26T14:01:00Z ERROR x'
  expect(errorsVerdict(end(old), 60_000, at('14:01:30'))).toMatchObject({ outcome: 'fail', value: 1 })
  expect(errorsVerdict(end(old), 60_000, at('15:00:00'))).toMatchObject({ outcome: 'pass', value: 0 })
  expect(errorsVerdict(end('', 'permission denied'), 60_000, at('15:00:00')).outcome).toBe('error')
})
