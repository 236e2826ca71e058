// A worker in a process of its own on a real engine, a real server and a real swap, killed at the edge of a step that it is told.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../../src/clock.js'
import { backupAbilities } from '../../../src/jobs/backups/abilities.js'
import { ownChecks } from '../../../src/jobs/checks.js'
import { planIntent } from '../../../src/jobs/jobs.js'
import { silentLog } from '../../../src/log.js'
import { type Action, type Check, gatherAbilities, type StepContext } from '../../../src/runs/abilities.js'
import { createEngine } from '../../../src/runs/engine.js'
import { openStore } from '../../../src/store/connect.js'
import { factsOf, serving, shopCatalogue, targetIn } from '../shop.js'
import { type EmbeddedShop, embeddedSide } from './embedded-shop.js'
import { visitors } from './live-shop.js'

/**
 * Before its work, at its first progress, when the operator's command has stopped the server or is about to start it, or when
 * the work is done and not written yet.
 */
export type RestoreEdge = 'before' | 'inside' | 'stopped' | 'starting' | 'after'

export type RestoreWorkerTask = {
  databaseUrl: string
  shop: Pick<EmbeddedShop, 'folder' | 'text' | 'url'>
  die: { step: string; edge: RestoreEdge } | null
  /** What visitors get once the restored data serves. */
  visitors: 'answers' | 'errors'
}

const { databaseUrl, shop, die, visitors: get }: RestoreWorkerTask = JSON.parse(process.argv[2] ?? '{}')
const killed = () => process.kill(process.pid, 'SIGKILL')

const store = await openStore({ ownerUrl: databaseUrl, log: silentLog })
const side = embeddedSide(shop)
const catalogue = shopCatalogue(shop.text)
const { surroundings } = side
if (!surroundings) throw new Error('a shop without surroundings')
const { checks, actions } = backupAbilities({
  ...{ catalogue, engines: side.engines, yards: side.yards, rows: store.backups, runs: store.desk },
  surroundings,
})
const target = () => targetIn(catalogue, async () => serving('v1.7.3'))
const own = ownChecks({ locks: store.locks, runs: store.desk, target })
const abilities = gatherAbilities([...checks, ...own, visitors(get)].map(mortal<Check>), actions.map(mortal<Action>))
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
    if (die?.step !== context.step) return ability.run(input, context)
    if (die.edge === 'before') killed()
    if (die.edge === 'stopped') writeFileSync(join(shop.folder, 'kill-at-stop'), '')
    if (die.edge === 'starting') writeFileSync(join(shop.folder, 'kill-at-start'), '')
    const progress = die.edge === 'inside' ? killed : context.progress
    const result = await ability.run(input, { ...context, progress: (told) => void progress(told) })
    killed()
    return result
  }
  return { ...ability, run } as Ability
}
