// What a durable step costs: our engine on our store, a loop of two writes by hand, and DBOS, on one PostgreSQL.
// `--quick` is for development: fewer and smaller rounds.
import { benchDatabase } from './parts/bench-database.js'
import { type Contestant, startContestant } from './parts/contestant.js'
import { median, percentile, printFigures, rotated } from './parts/figures.js'

const quick = process.argv.includes('--quick')
const size = quick ? { rounds: 5, steps: 500 } : { rounds: 15, steps: 1_000 }

type Round = { [name: string]: number }

const database = await benchDatabase()
const contestants: Contestant[] = []
try {
  contestants.push(await startContestant('loop', '../anchors/two-writes.js', database.url))
  contestants.push(await startContestant('shipmate', './shipmate-steps.js', database.url))
  if (!process.argv.includes('--no-dbos'))
    contestants.push(await startContestant('dbos', '../anchors/dbos-steps.js', database.url))
  for (const contestant of contestants) await contestant.steps(size.steps)

  const rounds: Round[] = []
  for (let number = 0; number < size.rounds; number++) {
    const round: Round = {}
    for (const { name, steps } of rotated(contestants, number)) round[name] = (await steps(size.steps)) / size.steps
    rounds.push(round)
    console.log(`round ${number + 1}: ${Object.entries(round).map(line).join(' | ')}`)
  }
  const ratios = (one: string, other: string) => rounds.map((round) => of(round, one) / of(round, other))
  const vsLoop = ratios('shipmate', 'loop')
  console.log(
    `time vs loop: ${percentile(vsLoop, 0.1).toFixed(2)} to ${percentile(vsLoop, 0.9).toFixed(2)} in most rounds`,
  )
  printFigures('steps', {
    'time-vs-loop': median(vsLoop),
    'rate-vs-dbos': median(ratios('dbos', 'shipmate')),
    'ms-per-step': median(rounds.map((round) => of(round, 'shipmate'))),
    'loop-ms-per-step': median(rounds.map((round) => of(round, 'loop'))),
    'dbos-ms-per-step': median(rounds.map((round) => of(round, 'dbos'))),
  })
} finally {
  await Promise.all(contestants.map(({ stop }) => stop()))
  await database.stop()
}

function of(round: Round, name: string): number {
  return round[name] ?? Number.NaN
}

function line([name, ms]: [string, number]): string {
  return `${name} ${ms.toFixed(3)} ms`
}
