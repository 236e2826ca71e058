import { expect, test } from 'vitest'
import { searchGuides } from '../../../src/incidents/guides/search-guides.js'
import { suggestGuides } from '../../../src/incidents/guides/suggest-guides.js'
import { readGuideFolder } from '../../../src/integrations/guide-folder.js'

const guides = (await readGuideFolder()).guides.map(({ guide }) => guide)
const first = (words: string) => searchGuides(words, guides)[0]?.guide.name

test.each([
  ['slow', 'slow-application'],
  ['locks', 'database-locks'],
  ['databse loks', 'database-locks'],
  ['Certifcate', 'certificate-expiring'],
  ['replica lag', 'replica-lag'],
  ['the disk is full', 'disk-filling'],
  ['stripe', 'external-service-down-stripe'],
  ['supabse', 'external-service-down-supabase'],
  ['queue', 'queue-stuck'],
  ['redis', 'cache-failure'],
  ['leaked key', 'leaked-secret'],
  ['too many connections', 'connection-pool-exhausted'],
  ['login', 'external-service-down-stack-auth'],
  ['HighErrorRate', 'error-spike-after-deploy'],
])('"%s" finds %s first', (words, name) => {
  expect(first(words)).toBe(name)
})

test('every word has to be found, nothing is found for nonsense, and no words find all', () => {
  expect(searchGuides('slow xylophone', guides)).toEqual([])
  expect(searchGuides('', guides)).toHaveLength(guides.length)
})

test('what is found says where', () => {
  expect(searchGuides('stripe', guides)[0]?.why).toBe('"stripe" is found, first in its title.')
})

const suggested = (alerts: string[], text: string, service: string | null = 'storefront') =>
  suggestGuides({ alerts, service, text }, guides).map(({ guide, why }) => [guide.name, why])

test('an alert suggests its guide before words do, each with a sentence why', () => {
  const found = suggested(['HighLatency'], 'checkout hangs, there are locks')
  expect(found[0]).toEqual(['slow-application', 'The alert HighLatency fires and somebody wrote "hangs".'])
  expect(found[1]).toEqual(['database-locks', 'Somebody wrote "locks".'])
})

test('a symptom is found as words, not inside of others', () => {
  expect(suggested([], 'the downtime page is nice')).toEqual([])
  expect(suggested([], 'Shop is DOWN!')[0]?.[0]).toBe('service-down')
  expect(suggested([], 'FATAL: too many clients already')[0]?.[0]).toBe('connection-pool-exhausted')
})

test('a guide for other services is not suggested, and one for this service is, and says so', () => {
  const [one] = guides
  if (!one) throw new Error('no guides')
  const own = { ...one, name: 'own', for: { alerts: [], services: ['payments'], symptoms: ['slow'] } }
  expect(suggestGuides({ alerts: [], service: 'storefront', text: 'slow' }, [own])).toEqual([])
  expect(suggestGuides({ alerts: [], service: 'payments', text: 'it is slow' }, [own])[0]?.why).toBe(
    'It is written for payments and somebody wrote "slow".',
  )
})
