// A worker in a process of its own on the plain engine, killed at the edge of a step that its orders name.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../src/clock.js'
import { backupAbilities } from '../../../src/jobs/backups/abilities.js'
import { planIntent } from '../../../src/jobs/jobs.js'
import { silentLog } from '../../../src/log.js'
import { type Action, type Check, gatherAbilities, type StepContext } from '../../../src/runs/abilities.js'
import { createEngine } from '../../../src/runs/engine.js'
import { openStore } from '../../../src/store/connect.js'
import { factsOf, shopCatalogue } from '../shop.js'
import { backedUpText, foldersIn, plainSide } from './plain-place.js'

export type BackupWorkerTask = {
  databaseUrl: string
  folder: string
  /** A file with a `Death` as JSON. A worker lives on while there is none. */
  orders: string
}

/** `edge`: before its work, in the middle of it, with a scratch server running, or when it is done and not written yet. */
export type Death = { step: string; edge: 'before' | 'inside' | 'started' | 'after' }

const { databaseUrl, folder, orders }: BackupWorkerTask = JSON.parse(process.argv[2] ?? '{}')
const ordered = (): Death | null => (existsSync(orders) ? JSON.parse(readFileSync(orders, 'utf8')) : null)
const killed = () => process.kill(process.pid, 'SIGKILL')

const store = await openStore({ ownerUrl: databaseUrl, log: silentLog })
const side = plainSide(folder)
const catalogue = shopCatalogue(backedUpText())
const { checks, actions } = backupAbilities({
  ...{ catalogue, ...side, rows: store.backups, runs: store.desk },
  surroundings: async () => {
    throw new Error('this worker restores nothing into place')
  },
})
const abilities = gatherAbilities(checks.map(mortal<Check>), actions.map(mortal<Action>))
const engine = createEngine({
  store,
  abilities,
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
    if (die.edge === 'started') whenServing()
    const progress = die.edge === 'inside' ? killed : context.progress
    const result = await ability.run(input, { ...context, progress: (told) => void progress(told) })
    killed()
    return result
  }
  return { ...ability, run } as Ability
}

function whenServing(): void {
  const { yard } = foldersIn(folder)
  setInterval(() => {
    const serving = readdirSync(yard).some((name) => existsSync(join(yard, name, 'running')))
    if (serving) killed()
  }, 2)
}
