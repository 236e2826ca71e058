import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.js'
import { createClues } from '../../../src/integrations/clues/clues.js'
import { impactOf } from '../../../src/integrations/clues/metrics.js'
import { trafficVerdict } from '../../../src/integrations/prometheus/metrics.js'
import { createPrometheus } from '../../../src/integrations/prometheus/prometheus.js'
import { requirePart } from '../../support/parts.js'
import { waitFor } from '../../support/wait-for.js'
import { startPrometheus } from '../../support/watched/real-prometheus.js'
import { hands, partsOf, where } from '../../support/watched/scene.js'

const program = requirePart('prometheus')
const withPrometheus = test.skipIf(!program)
let prometheus: Awaited<ReturnType<typeof startPrometheus>>
beforeAll(async () => {
  if (program) prometheus = await startPrometheus(program)
})
afterAll(() => prometheus?.close())

const watch = 'metrics: { window: 5s, maxErrors: 1, maxLatency: 300ms, usual: [12s], maxFactor: 3 }'
const parts = () => partsOf(watch, `prometheus: { url: "${prometheus.url}" }`)

const becomes = (name: string, outcome: string) =>
  waitFor(
    `${name} becomes ${outcome}`,
    async () => {
      const found = await hands(createPrometheus(parts())).check(name)
      return found.outcome === outcome && found
    },
    40_000,
  )

withPrometheus(
  'errors and slowness that Prometheus measured are found with figures, told as impact since when, and are green again afterwards',
  async () => {
    const { check } = hands(createPrometheus(parts()))
    prometheus.visits(0, 0)
    expect(await becomes('metrics.errors', 'pass')).toMatchObject({ summary: '0 % of requests fail (limit 1 %)' })
    const began = Date.now()
    prometheus.visits(2, 4)
    const errors = await becomes('metrics.errors', 'fail')
    expect(errors.summary).toMatch(/^[\d.]+ % of requests fail \(limit 1 %\)$/)
    const latency = await becomes('metrics.latency', 'fail')
    expect(latency.summary).toMatch(/^p95 \d+ ms \(limit 300 ms\)$/)
    expect((await check('metrics.latency', { maxMs: 10_000 })).outcome).toBe('pass')
    expect((await check('metrics.errors', { max: '90 %' })).outcome).toBe('pass')

    const [clue] = createClues({ ...parts(), checks: [], clock: systemClock })
    const told = await waitFor(
      'a stretch of trouble is seen',
      async () => {
        const now = new Date()
        const found = await clue?.look({ ...where, since: now, now }, AbortSignal.timeout(4_000))
        return found?.impact?.since ? found : false
      },
      40_000,
    )
    expect(told?.impact?.requests).toBeGreaterThan(0.01)
    expect(told?.impact?.text).toMatch(/% of requests fail/)
    expect(Math.abs(Number(told?.impact?.since) - began)).toBeLessThan(45_000)

    prometheus.visits(0, 0)
    await becomes('metrics.errors', 'pass')
    await becomes('metrics.latency', 'pass')
  },
  120_000,
)

withPrometheus(
  'any expression can be held against a limit, and one that is wrong is told in the words of Prometheus',
  async () => {
    const { check } = hands(createPrometheus(parts()))
    await waitFor(
      'it is scraped',
      async () => (await check('metrics.query', { query: 'up', below: 1 })).outcome === 'pass',
      30_000,
    )
    expect(await check('metrics.query', { query: 'up', above: 0 })).toMatchObject({
      outcome: 'fail',
      value: 1,
      limit: 'at most 0',
    })
    expect((await check('metrics.query', { query: 'nothing_of_that_name' })).outcome).toBe('warn')
    await expect(check('metrics.query', { query: 'sum(' })).rejects.toMatchObject({
      code: 'http-refused',
      message: /parse error/,
    })
  },
)

test('a Prometheus that is away is no verdict, and none at all is skipped', async () => {
  const away = hands(createPrometheus(partsOf(watch, 'prometheus: { url: "http://127.0.0.1:1" }')))
  await expect(away.check('metrics.errors')).rejects.toMatchObject({ code: 'http-unreachable' })
  const none = hands(createPrometheus(partsOf('probe: http://127.0.0.1:1/')))
  for (const name of ['metrics.errors', 'metrics.latency', 'metrics.traffic'])
    expect((await none.check(name)).outcome).toBe('skip')
  expect((await none.check('metrics.query', { query: 'up' })).outcome).toBe('skip')
})

test('traffic is held against what is usual: a flood fails, visitors who stay away warn', () => {
  expect(trafficVerdict(100, [20, 22, null], 3)).toMatchObject({ outcome: 'fail', value: '4.5 ×', limit: '3 ×' })
  expect(trafficVerdict(25, [20, 22, 300], 3)).toMatchObject({ outcome: 'pass' })
  expect(trafficVerdict(2, [20], 3)).toMatchObject({ outcome: 'warn' })
  expect(trafficVerdict(2, [null, 0], 3)).toMatchObject({ outcome: 'skip' })
})

test('impact begins where the trouble began that still lasts, not at an earlier one', () => {
  const at = (minute: number, value: number) => ({ at: new Date(Date.UTC(2026, 10, 26, 14, minute)), value })
  const errors = [at(0, 0), at(1, 0.2), at(2, 0.001), at(3, 0.38), at(4, 0.4)]
  const impact = impactOf(errors, [at(3, 0.1), at(4, 1.9)], { errors: 0.01, latency: 0.3 })
  expect(impact).toMatchObject({
    text: '40 % of requests fail, 5 % or more take longer than 300 ms',
    requests: 0.4,
    since: new Date(Date.UTC(2026, 10, 26, 14, 3)),
    evidence: ['40 % of requests fail (limit 1 %, before 0.1 %)', 'p95 1900 ms (limit 300 ms, before 100 ms)'],
  })
  expect(impactOf([at(0, 0)], [], { errors: 0.01, latency: 0.3 })).toMatchObject({ requests: 0, since: null })
})
