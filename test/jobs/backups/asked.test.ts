import { afterAll, beforeAll, expect, test } from 'vitest'
import { planIntent } from '../../../src/jobs/jobs.js'
import type { RunView } from '../../../src/runs/run.js'
import { openPlainPlace, type PlainPlace } from '../../support/backups/plain-place.js'
import { factsOf, intent, noBackups, shopCatalogue, shopText } from '../../support/shop.js'

let place: PlainPlace
beforeAll(async () => {
  place = await openPlainPlace()
})
afterAll(() => place.close())

const own = `backups:
  shipmate:
    home: { service: storefront, environment: prod }
    engine: { embedded: { storage: { path: /srv/own } } }
`
const facts = (text = shopText) =>
  factsOf({
    catalogue: shopCatalogue(text),
    backups: { engines: place.side.engines, book: noBackups.book },
  })

test('nothing restores Shipmate’s own database from inside, and the way that does is named', async () => {
  const asked = intent('restore', { database: 'shipmate', point: { kind: 'latest' } })
  await expect(planIntent(asked, facts(shopText.replace('backups:\n', own)))).rejects.toMatchObject({
    code: 'restore-by-hand',
    next: expect.stringContaining('npx shipmate restore-self'),
  })
})

test('taking back a restore swaps the data; taking back a merge takes its rows out, with the application running', async () => {
  const undo = intent('take-back', { database: 'shop', of: 490 })
  const earlier = (job: string) => ({ run: { intent: intent(job, { database: 'shop' }) } }) as RunView
  const actions = async (job: string) => {
    const runs = { view: async () => earlier(job), list: async () => [] }
    const { steps } = await planIntent(undo, { ...facts(), runs })
    return steps.flatMap((step) => (step.verb === 'do' ? step.action : step.verb === 'ask' ? 'asks' : []))
  }
  expect(await actions('restore')).toEqual(['asks', 'restore.close', 'restore.back', 'restore.open', 'backups.ask'])
  expect(await actions('tables')).toEqual(['asks', 'tables.unmerge'])
})
