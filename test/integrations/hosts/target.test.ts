import { testFloor } from '../../playground/test-floor.js'
import { targetSuite } from '../../releases/target-suite.js'
import { driverFor, place, releaseOf } from './scenes.js'

targetSuite('hosts behind a proxy', async () => {
  const floor = await testFloor()
  const driver = driverFor(floor)
  return {
    target: driver.target,
    checks: driver.checks,
    actions: driver.actions,
    place: place(),
    serving: 'v1.7.3',
    // Its migration is the next one, and its schema is what the next release needs.
    good: await releaseOf(floor, 'v1.8.0'),
    first: await releaseOf(floor, 'v1.7.3').then((release) => ({ ...release, migrations: [] })),
    neverReady: await releaseOf(floor, 'v2.0.0-rc.1'),
    end: floor.end,
  }
})
