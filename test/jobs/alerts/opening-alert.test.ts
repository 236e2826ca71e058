import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertNotice } from '../../../src/incidents/alert.js'
import { alertClues } from '../../../src/jobs/alerts/clues.js'
import { type AlertFront, createAlertWorld, notice } from '../../support/alert-world.js'

let world: Awaited<ReturnType<typeof createAlertWorld>>
let front: AlertFront

beforeAll(async () => {
  world = await createAlertWorld(1, { alerts: { sources: { alertmanager: { secrets: ['env:AM'] } } } })
  const [first] = world.fronts
  if (!first) throw new Error('no front')
  front = first
})
afterAll(() => world.close())

/** An alert that was judged. */
async function firing(given: Partial<AlertNotice>) {
  const sent = notice({ severity: 'SEV3', ...given })
  await front.parts.intake.take({ source: sent.source, key: null, notices: [sent], changes: [] }, new Date())
  await front.judge.judgeAll()
  const alerts = await front.parts.alerts.list({ limit: 1_000 })
  const alert = alerts.find(({ fingerprint }) => fingerprint === sent.fingerprint)
  if (!alert) throw new Error('no alert')
  return alert
}

test('an alert is no suspect of the incident that it opened, also when it fires again; others that fire there are', async () => {
  const place = { service: 'service-13', environment: 'prod' }
  const startedAt = new Date(Date.now() - 120_000)
  const opener = await firing({ ...place, severity: 'SEV1', fingerprint: 'errors', startedAt })
  const other = await firing({ ...place, fingerprint: 'disk', startedAt })
  const [{ alerts, reads, shipped, rows }, since] = [front.store.incidents, startedAt]
  const source = (await rows.view(opener.incident ?? 0))?.incident.source
  expect(source).toEqual({ kind: 'alert', alert: opener.id })
  const clues = alertClues({
    list: alerts.list,
    alert: alerts.alert,
    changes: reads.changes,
    shipped: shipped.shipped,
  })
  const scene = { ...place, since, now: new Date(), openedBy: opener.id }
  const suspects = async () => {
    const found = await Promise.all(clues.map((clue) => clue.look(scene, new AbortController().signal)))
    return found.flatMap((one) => one.suspects.map(({ key }) => key)).filter((key) => /errors$|disk$/.test(key))
  }
  expect(await suspects()).toEqual([expect.stringMatching(/disk$/)])
  expect(other.incident).toBe(opener.incident)
  await alerts.receive({ ...opener, state: 'resolved', endedAt: new Date() }, new Date())
  const again = await firing({ ...place, severity: 'SEV1', fingerprint: 'errors', startedAt: new Date() })
  expect(again.id).not.toBe(opener.id)
  expect(await suspects()).toEqual([expect.stringMatching(/disk$/)])
})
