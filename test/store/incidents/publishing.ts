import { systemClock } from '../../../src/clock.js'
import { createPublisher } from '../../../src/incidents/public/publisher.js'
import { createCustomers } from '../../../src/integrations/customers.js'
import { createStatuspage } from '../../../src/integrations/statuspage.js'
import { silentLog } from '../../../src/log.js'
import { statusPage } from '../../../src/releases/sections/outside.js'
import { openStore } from '../../../src/store/connect.js'

// A process that publishes what is due until it is killed.
const [databaseUrl = '', kind = '', url = '', deduplicates = 'false'] = process.argv.slice(2)
const log = silentLog
const clock = systemClock
const components = [{ name: 'Checkout', service: 'storefront', environment: 'prod', statuspage: 'c1' }]
const given = { title: 'Shop', address: 'https://status.example.com', components }
const section = statusPage.parse({ ...given, statuspage: { page: 'page1', token: 'env:KEY', url } })
const { statuspage } = section
if (!statuspage) throw new Error('no page')
const secret = async (reference: string) => (reference === 'env:URL' ? `${url}/webhook/hidden` : 'page-key')
const settings = { url: 'env:URL', secret: 'env:SECRET', deduplicates: deduplicates === 'true' }
const store = await openStore({ ownerUrl: databaseUrl, log })
const publisher = createPublisher({
  deliveries: store.incidents.deliveries,
  channels: {
    'status page':
      kind === 'statuspage' ? createStatuspage({ section: { ...section, statuspage }, secret, clock, log }) : null,
    customers:
      kind === 'customers' ? createCustomers({ settings, components: section.components, secret, clock, log }) : null,
  },
  ...{ clock, log },
})
console.log('publishing')
for (;;) {
  await publisher.look(clock.now())
  await clock.sleep(50)
}
