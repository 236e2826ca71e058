// What Shipmate adds to a blue-green deploy: its time beside a script that calls the same APIs, and its calls to Slack.
// `--quick` is for development: fewer rounds.
import { readFileSync } from 'node:fs'
import { compiled } from '../../playground/floor/compiled.js'
import { openStage } from '../support/stage.js'
import { bareDeploy, type Times } from './parts/bare-deploy.js'
import { benchDatabase } from './parts/bench-database.js'
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

const overhead = await measuredOverhead()
console.log('ten steps of 3 s each …')
const tenSteps = await callsOfTenSteps()
console.log(`${tenSteps.calls} calls: ${tenSteps.line}`)
printFigures('deploy', {
  overhead: overhead.shipmate / overhead.bare,
  'overhead-ms': overhead.shipmate - overhead.bare,
  'slack-calls': tenSteps.calls,
  'overhead-without-watching': (overhead.shipmate - 2 * times.watch) / (overhead.bare - 2 * times.watch),
  'shipmate-ms': overhead.shipmate,
  'bare-ms': overhead.bare,
  'slack-calls-playground': overhead.calls,
})

/** Medians of both ways between the same two releases, on the same hosts, under the same visitors. */
async function measuredOverhead(): Promise<{ shipmate: number; bare: number; calls: number }> {
  console.log(`${from} → ${to}, watched twice for ${times.watch} ms, drained for at most ${times.drain} ms`)
  const database = await benchDatabase()
  const stage = await openStage({ file: () => operatorsFile, env: { DATABASE_URL: database.url, LOG_LEVEL: 'warn' } })
  try {
    const floor = floorApi(stage.dir)
    const ways = { shipmate: [] as number[], bare: [] as number[] }
    let calls = 0
    const runs = {
      shipmate: async () => {
        const deploy = await deployByShipmate(stage, database, to)
        calls = Math.max(calls, deploy.calls)
        return deploy.ms
      },
      bare: () => bareDeploy(floor, to, times),
    }
    // The first one applies the migration for good.
    await runs.shipmate()
    await rollBack(stage, database, from)
    for (let round = 0; round < rounds; round++) {
      for (const way of rotated(['shipmate', 'bare'] as const, round)) {
        ways[way].push(await runs[way]())
        await rollBack(stage, database, from)
      }
      console.log(
        `round ${round + 1}: shipmate ${ways.shipmate.at(-1)?.toFixed(0)} ms, bare ${ways.bare.at(-1)?.toFixed(0)} ms`,
      )
    }
    return { shipmate: median(ways.shipmate), bare: median(ways.bare), calls }
  } finally {
    await stage.close()
    await database.stop()
  }
}
