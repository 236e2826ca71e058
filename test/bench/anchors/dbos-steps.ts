// The same steps as a DBOS workflow, as its guide writes them.
import { DBOS } from '@dbos-inc/dbos-sdk'
import { takePart } from '../parts/contestant.js'

const systemDatabaseUrl = new URL(process.env.BENCH_DATABASE_URL ?? '')
systemDatabaseUrl.pathname = '/dbos_bench'
DBOS.setConfig({ name: 'bench', applicationVersion: '1', systemDatabaseUrl: systemDatabaseUrl.href, logLevel: 'error' })

const noOp = async () => ({ ok: true })
const stepsPerRun = 250

const workflow = DBOS.registerWorkflow(
  async (count: number) => {
    for (let step = 0; step < count; step++) await DBOS.runStep(noOp, { name: `step-${step}` })
  },
  { name: 'steps' },
)
await DBOS.launch()

takePart(async (count) => {
  for (let done = 0; done < count; done += stepsPerRun) await workflow(Math.min(stepsPerRun, count - done))
})
