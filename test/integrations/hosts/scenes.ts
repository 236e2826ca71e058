import { join } from 'node:path'
import { createHostsTarget, type HostsDriver } from '../../../src/integrations/hosts/target.js'
import { createReleaseFolder } from '../../../src/integrations/release-folder.js'
import { silentLog } from '../../../src/log.js'
import type { Release } from '../../../src/releases/release.js'
import type { Place, TargetState } from '../../../src/releases/target.js'
import type { Step } from '../../../src/runs/step.js'
import type { TestFloor } from '../../playground/test-floor.js'
import { type Carried, type CarryOptions, carryOut } from '../../releases/carry-out.js'

export const place = (more: Partial<Place> = {}): Place => ({
  service: 'storefront',
  environment: 'prod',
  target: 'shop',
  strategy: 'blue-green',
  instances: 2,
  shares: [],
  verify: { for: 300, maxErrors: 0.01, minRequests: 1 },
  drain: 2000,
  healthy: 20_000,
  ...more,
})

export const driverFor = (floor: TestFloor): HostsDriver =>
  createHostsTarget({ targets: { shop: floor.settings }, secret: async () => floor.token, log: silentLog })

export async function releaseOf(floor: TestFloor, version: string): Promise<Release> {
  const found = await createReleaseFolder({ dir: join(floor.releases) }).find('storefront', version)
  if (found === null) throw new Error(`no ${version}`)
  return found
}

let epoch = 10
/** Every run is claimed with a higher epoch than the one before. */
export const nextEpoch = () => ++epoch

/** Plans a change of version from what is there and carries it out. */
export async function replace(
  floor: TestFloor,
  version: string,
  more: Partial<Place> = {},
  options: Partial<CarryOptions> = {},
): Promise<Carried & { before: TargetState; after: TargetState; steps: Step[] }> {
  const driver = driverFor(floor)
  const where = place(more)
  const before = await driver.target.look(where)
  const to = await releaseOf(floor, version)
  const steps = driver.target.steps({ kind: 'replace', place: where, to, from: before.serving }, before)
  const epochNow = nextEpoch()
  const carried = await carryOut(driver, steps, { run: epochNow, epoch: epochNow, ...options })
  return { ...carried, before, after: await driver.target.look(where), steps }
}

export async function scale(floor: TestFloor, instances: number) {
  const driver = driverFor(floor)
  const where = place()
  const before = await driver.target.look(where)
  const steps = driver.target.steps({ kind: 'scale', place: where, instances, version: before.serving ?? '' }, before)
  const epochNow = nextEpoch()
  const carried = await carryOut(driver, steps, { run: epochNow, epoch: epochNow })
  return { ...carried, after: await driver.target.look(where), steps }
}
