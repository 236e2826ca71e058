import { expect, test } from 'vitest'
import { withCode } from '../../../src/jobs/alerts/code.js'
import { silentLog } from '../../../src/log.js'
import { alertMessage } from '../../../src/slack/incidents/alert-message.js'
import { textOf } from '../../slack/text-of.js'
import { notice } from '../../support/alert-world.js'
import { release, shopReleases, sourceOf } from '../../support/shop.js'

const repository = 'https://github.com/acme/storefront'
const code = () => ({ repository, releases: sourceOf(shopReleases()) })
const thrown = (labels: { [name: string]: string }) =>
  notice({
    ...{ source: 'sentry', service: 'storefront', labels, startedAt: new Date('2026-11-23T14:06:00Z') },
    data: { frames: ['applyDiscount (src/cart.ts:42)', 'run (/srv/x.js)'], places: ['src/cart.ts:42', '/srv/x.js'] },
  })

test('the frames of an error link to the lines of the release that threw it, and to nothing where that is not known', async () => {
  const told = await withCode({ code, log: silentLog }, thrown({ release: 'storefront@1.8.0' }))
  const address = `${repository}/blob/${release('v1.8.0').commit}/src/cart.ts#L42`
  expect(told.data.code).toEqual([address, ''])
  const at = new Date()
  const record = { ...told, id: 1, lastAt: at, notices: 1, incident: null }
  const alert = { ...record, acknowledgedBy: null, acknowledgedAt: null, silencedUntil: null }
  const text = textOf(alertMessage(alert, at))
  expect(text).toContain(`at <${address}|applyDiscount`)
  expect(text).toContain('at run (/srv/x.js)')
})

test('an alert whose release or repository is not known is told as it came', async () => {
  const unknown = thrown({ release: 'v9' })
  expect(await withCode({ code, log: silentLog }, unknown)).toEqual(unknown)
  expect(await withCode({ code, log: silentLog }, thrown({}))).toEqual(thrown({}))
  expect(await withCode({ code: () => null, log: silentLog }, thrown({ release: '1.8.0' }))).toEqual(
    thrown({ release: '1.8.0' }),
  )
  const broken = { ...code(), releases: { ...code().releases, list: () => Promise.reject(new Error('gone')) } }
  const kept = thrown({ release: '1.8.0' })
  expect(await withCode({ code: () => broken, log: silentLog }, kept)).toEqual(kept)
})
