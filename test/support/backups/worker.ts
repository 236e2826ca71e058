// A worker in a process of its own, killed at the edge of a step that its orders name.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../src/clock.js'
import { backupAbilities } from '../../../src/jobs/backups/abilities.js'
import { ownChecks } from '../../../src/jobs/checks.js'
import { planIntent } from '../../../src/jobs/jobs.js'
import { silentLog } from '../../../src/log.js'
import { type Action, type Check, gatherAbilities, type StepContext } from '../../../src/runs/abilities.js'
import { createEngine } from '../../../src/runs/engine.js'
import { openStore } from '../../../src/store/connect.js'
import { type BackupSide, noObservers, noSurroundings } from '../desk-world.js'
import { type EmbeddedShop, embeddedSide, yardIn } from '../restores/embedded-shop.js'
import { visitors } from '../restores/people.js'
import { factsOf, serving, shopCatalogue, targetIn } from '../shop.js'
import { backedUpText, foldersIn, plainSide } from './plain-place.js'

export type WorkerTask = {
  databaseUrl: string
  /** What it works on: files that play a database, or a real server that npm brought. */
  place: { plain: string } | { embedded: ShopInTask }
  /** A file with a `Death` as JSON. A worker lives on while there is none. */
  orders: string
}

type ShopInTask = Pick<EmbeddedShop, 'folder' | 'text' | 'url'>

/**
 * `edge`: before its work, at its first progress, with a scratch server running, when the operator's command has stopped the
 * real server or is about to start it, or when it is done and not written yet.
 */
export type Death = { step: string; edge: 'before' | 'inside' | 'started' | 'stopped' | 'starting' | 'after' }

const { databaseUrl, place, orders }: WorkerTask = JSON.parse(process.argv[2] ?? '{}')
const ordered = (): Death | null => (existsSync(orders) ? JSON.parse(readFileSync(orders, 'utf8')) : null)
const killed = () => process.kill(process.pid, 'SIGKILL')

const { text, side, edges } = 'plain' in place ? onFiles(place.plain) : onServer(place.embedded)
const catalogue = shopCatalogue(text)
const store = await openStore({ ownerUrl: databaseUrl, log: silentLog })
const { checks, actions } = backupAbilities({
  ...{ catalogue, engines: side.engines, yards: side.yards, rows: store.backups, runs: store.desk },
  surroundings: side.surroundings ?? noSurroundings,
  observers: noObservers,
})
const target = () => targetIn(catalogue, async () => serving('v1.7.3'))
const own = ownChecks({ locks: store.locks, runs: store.desk, target })
const probe = visitors(() => (existsSync(`${orders}.visitors-get-errors`) ? 'errors' : 'answers'))
const engine = createEngine({
  store,
  abilities: gatherAbilities([...checks, ...own, probe].map(mortal<Check>), actions.map(mortal<Action>)),
  plan: async (run) => {
    const backups = { engines: side.engines, book: store.backups }
    return planIntent(run.intent, { ...factsOf({ catalogue, backups }), now: systemClock.now() })
  },
  wakes: { wake: async () => {} },
  clock: systemClock,
  log: silentLog,
  sweepEvery: 20,
})
engine.sweep()
process.once('disconnect', () => process.exit(0))
process.stdout.write('ready\n')

function mortal<Ability extends Check | Action>(ability: Ability): Ability {
  const run = async (input: unknown, context: StepContext) => {
    const die = ordered()
    if (die?.step !== context.step) return ability.run(input, context)
    if (die.edge === 'before') killed()
    edges[die.edge]?.()
    const progress = die.edge === 'inside' ? killed : context.progress
    const result = await ability.run(input, { ...context, progress: (told) => void progress(told) })
    killed()
    return result
  }
  return { ...ability, run } as Ability
}

type Worked = { text: string; side: BackupSide; edges: { [edge in Death['edge']]?: () => void } }

function onFiles(folder: string): Worked {
  const { yard } = foldersIn(folder)
  return { text: backedUpText(), side: plainSide(folder), edges: { started: () => whenServing(yard, 'running') } }
}

/** Ends us when a scratch server has left this mark. */
function whenServing(yard: string, mark: string): void {
  const names = () => (existsSync(yard) ? readdirSync(yard) : [])
  setInterval(() => names().some((name) => existsSync(join(yard, name, mark))) && killed(), 2)
}

/** The operator's command, which is a process of its own, ends us where it finds this word. */
function onServer(shop: ShopInTask): Worked {
  const leave = (word: string) => () => writeFileSync(join(shop.folder, word), '')
  const started = () => whenServing(yardIn(shop.folder), join('data', 'postmaster.pid'))
  const edges = { started, stopped: leave('kill-at-stop'), starting: leave('kill-at-start') }
  return { text: shop.text, side: embeddedSide(shop), edges }
}
