import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { atFullSize, requirePart } from '../support/parts.js'
import { historyOf, violations } from './history.js'
import { createRandom } from './random.js'
import { createRequesters } from './requesters.js'
import { rests } from './rest.js'
import { openStorm } from './storm.js'
import { wrongCards } from './storm-cards.js'
import { calm, troubles } from './troubles.js'

const redisServer = requirePart('redis')
const stormMs = atFullSize('chaos') ? 600_000 : 20_000
const seed = Number(process.env.SHIPMATE_SEED ?? Math.floor(Math.random() * 2 ** 31))

test.skipIf(!redisServer)(
  'whatever dies, hangs, is cut off or tells another time: nothing acknowledged is lost, nothing happens twice',
  async () => {
    console.log(`seed ${seed}; again with SHIPMATE_SEED=${seed}`)
    const environments = ['one', 'two', 'three', 'four']
    const storm = await openStorm({ processes: ['front', 'both', 'worker'], environments, redis: true })
    onTestFinished(storm.close)
    const people = createRequesters(storm)
    const asking = people.keepAsking(atFullSize('chaos') ? 2_000 : 1_500)
    onTestFinished(() => asking.stop().catch(() => {}))
    storm.floor.failOneOf(25)
    const counts = await rage(Date.now() + stormMs)
    await asking.stop()
    await calm(storm)
    await rests(storm.databaseUrl, 120_000)

    console.log(`${JSON.stringify(await people.counts())}, ${storm.floor.acts.length} acts, ${JSON.stringify(counts)}`)
    const happened = await historyOf(storm.databaseUrl)
    console.log(`ended: ${JSON.stringify(tally(happened.runs.map(({ state }) => state)))}`)
    expect(violations(await people.acknowledged(), happened, storm.floor.acts), `seed ${seed}`).toEqual([])
    expect(await wrongCards(storm), `seed ${seed}`).toEqual([])
    expect(await wrongCards(storm, { run: happened.runs[0]?.id ?? 0, state: 'lost' })).toHaveLength(1)

    /** One trouble after the other, and now and then two at once. */
    async function rage(until: number) {
      const random = createRandom(seed)
      const met: string[] = []
      const [fromTo, names] = [[100, 1_500] as const, Object.keys(troubles)]
      let before: Promise<void> = Promise.resolve()
      while (Date.now() < until) {
        const name = random.one(names)
        const alone = random.between(0, 4) > 1
        const own = createRandom(random.between(0, 2 ** 31))
        await before
        met.push(name)
        before = troubles[name]?.(storm, own) ?? before
        if (alone) await before
        await pause(random.between(...fromTo))
      }
      await before
      return tally(met)
    }
  },
  2_400_000,
)

function tally(names: string[]): { [name: string]: number } {
  const counts: { [name: string]: number } = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
