import { incidentPorts } from '../../../src/app/incidents/desk.js'
import { guideShelf } from '../../../src/app/incidents/guides.js'
import { createWorld } from '../../../src/app/world.js'
import { type Clock, systemClock } from '../../../src/clock.js'
import { createDesk } from '../../../src/jobs/desk.js'
import type { GuideShelf, IncidentDeskParts } from '../../../src/jobs/incidents/parts.js'
import { planIntent } from '../../../src/jobs/jobs.js'
import { silentLog } from '../../../src/log.js'
import { createEngine } from '../../../src/runs/engine.js'
import type { RunId } from '../../../src/runs/run.js'
import { openStore } from '../../../src/store/connect.js'
import { freshDatabase } from '../database.js'
import { createTeam, team } from '../directory.js'
import { shopReleases, sourceOf } from '../shop.js'
import { openPlace, type PlaceOptions } from './place.js'

export type RehearsalWorld = Awaited<ReturnType<typeof openRehearsal>>

/** A Shipmate as it is started, with one place that it looks at and repairs; only its hosts are in memory. */
export async function openRehearsal(options: PlaceOptions = {}) {
  const [place, database] = await Promise.all([openPlace(options), freshDatabase()])
  const store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const clock = skippingClock()
  const { catalogue, env } = place
  const grounds = { catalogue, env, clock, log: silentLog }
  const world = createWorld({ ...grounds, driver: place.hosts.driver }, store)
  const sources = () => ({ list: async () => shopReleases(), find: sourceOf(shopReleases()).find })
  const engine = createEngine({
    store,
    abilities: world.abilities,
    plan: (run) => planIntent(run.intent, { ...world.facts(), releases: sources }),
    wakes: { wake: async () => {} },
    clock,
    log: silentLog,
    sweepEvery: 20,
  })
  engine.sweep()
  const shelf = inSeconds(guideShelf(grounds, world.abilities))
  const incidents = await incidentPorts(grounds, store, shelf, () => parts)
  const { directory } = createTeam(team, () => clock.now())
  const parts: IncidentDeskParts = {
    ...{ catalogue, desk: store.desk, locks: store.locks, deployments: store.deployments, tokens: store.tokens },
    trail: store.audit,
    routines: { rows: store.routines, onCall: async () => null },
    ...{ wakes: { wake: async (run: RunId) => void engine.carry(run) }, directory, sources, targets: world.target },
    ...{ abilities: world.abilities, backups: world.facts().backups, incidents, clock, log: silentLog },
  }
  return {
    ...{ place, store, clock, shelf, desk: createDesk(parts) },
    async close() {
      await engine.stop()
      await store.close()
      await Promise.all([database.drop(), place.close()])
    },
  }
}

/** What a guide calls a minute is a second here, where it asks how long something has been wrong; its logic is as shipped. */
function inSeconds(shelf: GuideShelf): GuideShelf {
  const shortened = (text: string) =>
    text.replace(/\b(olderThan|longerThan): (\d+)(s|m)\b/g, (_, name: string, count: string, unit: string) => {
      return `${name}: ${Math.max(500, Math.round((Number(count) * (unit === 'm' ? 60_000 : 1_000)) / 60))}ms`
    })
  return {
    all: shelf.all,
    fitting: shelf.fitting,
    take: async (name) => {
      const taken = await shelf.take(name)
      return taken && { ...taken, markdown: shortened(taken.markdown) }
    },
  }
}

/** The time of day, which skips what a guide would wait for. */
function skippingClock(): Clock & { skipTo(moment: Date): void } {
  let ahead = 0
  const now = () => new Date(Date.now() + ahead)
  return {
    ...systemClock,
    now,
    skipTo: (moment) => {
      ahead += Math.max(0, moment.getTime() - now().getTime())
    },
  }
}
