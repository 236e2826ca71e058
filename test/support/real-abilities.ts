import { guideWorld } from '../../src/app/incidents/guides.js'
import { createWorld } from '../../src/app/world.js'
import { systemClock } from '../../src/clock.js'
import type { GuideWorld } from '../../src/incidents/guides/check-guide.js'
import { silentLog } from '../../src/log.js'
import { openStore } from '../../src/store/connect.js'
import { freshDatabase } from './database.js'
import { shopCatalogue } from './shop.js'

/** What a Shipmate with the playground's operator's file can look at and do, with the input that each takes. */
export async function realAbilities(): Promise<GuideWorld> {
  const database = await freshDatabase()
  const store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const { abilities } = createWorld({ catalogue: shopCatalogue(), env: {}, clock: systemClock, log: silentLog }, store)
  await store.close()
  await database.drop()
  return guideWorld(abilities)
}
