import { systemClock } from '../../clock.js'
import { faulted } from '../../errors.js'
import type { GuideWorld } from '../../incidents/guides/check-guide.js'
import { silentLog } from '../../log.js'
import type { Catalogue } from '../../releases/catalogue.js'
import { type AbilityRows, abilitiesOf } from '../world.js'
import { guideWorld } from './guides.js'

/** What guides may name, for whoever only wants to know the names and what each takes: no database, nothing is run. */
export function namedAbilities(catalogue: Catalogue): GuideWorld {
  const parts = { catalogue, env: {}, clock: systemClock, log: silentLog }
  return guideWorld(abilitiesOf(parts, noRows).abilities)
}

const nothing = async (): Promise<never> => {
  throw faulted('no-rows', 'An ability was run where only its name was asked for.')
}

const noRows: AbilityRows = {
  alerts: { list: nothing },
  locks: { holders: nothing },
  runs: { view: nothing, list: nothing, submit: nothing, requestStop: nothing },
  backups: {
    ...{ backups: nothing, drills: nothing, look: nothing, samples: nothing, clockwork: nothing },
    ...{ seen: nothing, unseen: nothing, taken: nothing, verified: nothing, removed: nothing, drilled: nothing },
    ...{ started: nothing, cost: nothing },
  },
  silences: {
    ...{ make: nothing, inForce: nothing, end: nothing, silencesToEnd: nothing, silencesToMake: nothing },
    change: nothing,
  },
}
