import { expect, test } from 'vitest'
import { overTime } from '../../../src/integrations/prometheus/over-time.js'

test.each([
  ['sum(rate(http_requests_total{service="shop"}[2m]))', 'sum(rate(http_requests_total{service="shop"}[90s]))'],
  ['rate(a[1h30m]) / rate(b[30s])', 'rate(a[90s]) / rate(b[90s])'],
  ['shop:p95', 'avg_over_time((shop:p95)[90s:])'],
  ['max_over_time(shop:p95[5m:1m])', 'avg_over_time((max_over_time(shop:p95[5m:1m]))[90s:])'],
  ['sum(x{path="/[2m]"})', 'avg_over_time((sum(x{path="/[2m]"}))[90s:])'],
])('%s is asked of a stretch of time', (expression, asked) => {
  expect(overTime(expression, 90)).toBe(asked)
})
