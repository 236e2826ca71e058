import { expect, test } from 'vitest'
import { routed, routedNotice, rulesOf } from '../../../src/incidents/alerts/rules.js'
import { alertsSection } from '../../../src/releases/sections/alerts.js'
import { notice } from '../../support/alert-world.js'

const names = { services: ['storefront', 'checkout'], environments: ['prod', 'staging'] }
const rules = (alerts: object = {}) => rulesOf(alertsSection.parse(alerts))

test('a label that holds a name of the operator’s file says where an alert belongs, and any other does not', () => {
  const found = routed({ job: 'storefront', namespace: 'prod', severity: 'critical' }, rules(), names)
  expect(found).toMatchObject({
    service: 'storefront',
    environment: 'prod',
    severity: 'SEV1',
    declare: ['SEV1', 'SEV2'],
  })
  expect(routed({ job: 'node', env: '__proto__', severity: 'constructor' }, rules(), names)).toMatchObject({
    ...{ service: null, environment: null, severity: null },
  })
})

test('routes add up, the first to say something counts, and a pattern has to match', () => {
  const routes = [
    { match: { team: 'payments', alertname: '/^Checkout/' }, service: 'checkout', severity: 'SEV1' },
    { match: { team: 'payments' }, service: 'storefront', channel: 'C0PAY', declare: [] },
    { match: { alertname: 'Watchdog' }, ignore: true },
  ]
  const found = routed({ team: 'payments', alertname: 'CheckoutSlow' }, rules({ routes }), names)
  expect(found).toMatchObject({ service: 'checkout', severity: 'SEV1', channel: 'C0PAY', declare: [], ignore: false })
  expect(routed({ team: 'payments', alertname: 'Slow' }, rules({ routes }), names).service).toBe('storefront')
  expect(routed({ alertname: 'Watchdog' }, rules({ routes }), names).ignore).toBe(true)
})

test('what a sender says of itself counts only as far as it exists here', () => {
  const sent = notice({ service: 'checkout', environment: 'production', labels: { env: 'staging' }, severity: 'SEV3' })
  expect(routedNotice(sent, rules(), names)).toMatchObject({
    service: 'checkout',
    environment: 'staging',
    severity: 'SEV3',
  })
})
