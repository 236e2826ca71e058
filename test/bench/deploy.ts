// What Shipmate adds to a blue-green deploy: its time beside a script that calls the same APIs, and its calls to Slack.
// `--quick` is for development: fewer rounds.
import { readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { compiled } from '../../playground/floor/compiled.js'
import { openStage, type Stage } from '../support/stage.js'
import { bareDeploy, type Times } from './parts/bare-deploy.js'
import { type BenchDatabase, benchDatabase } from './parts/bench-database.js'
import { median, printFigures, rotated } from './parts/figures.js'
import { floorApi } from './parts/floor-api.js'
import { deployByShipmate, rollBack } from './parts/shipmate-deploy.js'
import { callsOfTenSteps } from './parts/ten-steps.js'

const rounds = process.argv.includes('--quick') ? 2 : 5
const [from, to] = ['v1.7.3', 'v1.8.0']
const operatorsFile = readFileSync(compiled('playground/shipmate.yml'), 'utf8')
/** As prod of the playground has them. */
const times: Times = { watch: 5_000, drain: 2_000 }
if (!/for: 5s[\s\S]*drain: 2s/.test(operatorsFile)) throw new Error('prod of the playground has other times by now')

const load = loadavg().map((value) => value.toFixed(1))
console.log(`load of the machine before: ${load.join(', ')}`)
console.log(`${from} → ${to}, watched twice for ${times.watch} ms, drained for at most ${times.drain} ms`)
const { shipmate, bare, calls } = await onStage(deployedBothWays)
const [ours, theirs] = [median(shipmate), median(bare)]
const tenSteps = await callsOfTenSteps()
console.log(`ten steps of 3 s: ${tenSteps.calls} calls: ${tenSteps.line}`)
const watching = 2 * times.watch
/** Within a round, because the machine's other work changes between rounds. */
const ratio = (less: number) => median(shipmate.map((ms, round) => (ms - less) / ((bare[round] ?? Number.NaN) - less)))
printFigures('deploy', {
  overhead: ratio(0),
  'overhead-ms': ours - theirs,
  'slack-calls': tenSteps.calls,
  'overhead-without-watching': ratio(watching),
  'shipmate-ms': ours,
  'bare-ms': theirs,
  'slack-calls-playground': calls,
  'response-urls': tenSteps.answers,
})

/** Wall times of both ways between the same two releases, on the same hosts, under the same visitors. */
async function deployedBothWays(stage: Stage, database: BenchDatabase) {
  const floor = floorApi(stage.dir)
  const took = { shipmate: [] as number[], bare: [] as number[] }
  const calls: number[] = []
  const ways = {
    shipmate: async () => {
      const deploy = await deployByShipmate(stage, database, to)
      calls.push(deploy.calls)
      return deploy.ms
    },
    bare: () => bareDeploy(floor, to, times),
  }
  // Not counted: the first one applies the migration for good.
  await ways.shipmate()
  await rollBack(stage, database, from)
  for (let round = 0; round < rounds; round++) {
    for (const way of rotated(['shipmate', 'bare'] as const, round)) {
      took[way].push(await ways[way]())
      await rollBack(stage, database, from)
    }
    const last = [took.shipmate, took.bare].map((all) => `${all.at(-1)?.toFixed(0)} ms`)
    console.log(`round ${round + 1}: shipmate ${last[0]}, bare ${last[1]}`)
  }
  return { ...took, calls: median(calls) }
}

async function onStage<Result>(work: (stage: Stage, database: BenchDatabase) => Promise<Result>): Promise<Result> {
  const database = await benchDatabase()
  try {
    const env = { DATABASE_URL: database.url, LOG_LEVEL: 'warn' }
    const stage = await openStage({ file: () => operatorsFile, env, visitors: 40 })
    return await work(stage, database).finally(() => stage.close())
  } finally {
    await database.stop()
  }
}
