// Durable acceptance of signed slash commands, beside bare Bolt and Bolt with an insert before its ack.
// `--quick` is for development: fewer and smaller rounds.
import { setTimeout as pause } from 'node:timers/promises'
import { type BenchDatabase, benchDatabase } from './parts/bench-database.js'
import { signedCommands } from './parts/commands.js'
import { median, percentile, printFigures, rotated } from './parts/figures.js'
import { closedLoop, openLoop } from './parts/load.js'
import { type BenchServer, startServer } from './parts/servers.js'

const quick = process.argv.includes('--quick')
const size = quick
  ? { rounds: 3, requests: 2_000, warmUp: 1_000, openSeconds: 5 }
  : { rounds: 7, requests: 10_000, warmUp: 5_000, openSeconds: 60 }
const concurrent = 100
const openRate = 200

type Measured = { rps: number; cpuUs: number; p99: number; backlog: number }

const database = await benchDatabase()
const env = { BENCH_DATABASE_URL: database.url }
const servers: BenchServer[] = []
try {
  servers.push(await startServer('bolt-ack', '../anchors/bolt-ack.js'))
  servers.push(await startServer('bolt-pg', '../anchors/bolt-pg.js', env))
  servers.push(await startServer('shipmate', './front.js', env))
  servers.push(await startServer('shipmate-accept', './front.js', { ...env, BENCH_ACCEPT_ALONE: '1' }))
  for (const server of servers) await measure(server, size.warmUp, database)

  const rounds: { [name: string]: Measured }[] = []
  for (let round = 0; round < size.rounds; round++) {
    const measured: { [name: string]: Measured } = {}
    for (const server of rotated(servers, round)) measured[server.name] = await measure(server, size.requests, database)
    rounds.push(measured)
    console.log(`round ${round + 1}: ${Object.entries(measured).map(line).join(' | ')}`)
  }
  const ratio = (key: 'rps' | 'cpuUs', ours: string, anchor: string) =>
    median(rounds.map((round) => (round[ours]?.[key] ?? Number.NaN) / (round[anchor]?.[key] ?? Number.NaN)))

  const front = servers.find(({ name }) => name === 'shipmate')
  const open = await openLoop(front?.port ?? 0, () => signedCommands(openRate), openRate, size.openSeconds)
  const percentiles = [0.5, 0.99, 0.999].map((share) => percentile(open.latenciesMs, share).toFixed(1))
  console.log(
    `open loop: ${open.latenciesMs.length} at ${openRate}/s, ${open.refused} refused, p50/p99/p99.9 ${percentiles.join('/')} ms`,
  )
  printFigures('front-door', {
    'rps-vs-bolt-pg': ratio('rps', 'shipmate', 'bolt-pg'),
    'cpu-vs-bolt-pg': ratio('cpuUs', 'shipmate', 'bolt-pg'),
    'accept-cpu-vs-bolt-pg': ratio('cpuUs', 'shipmate-accept', 'bolt-pg'),
    'rps-vs-bolt-ack': ratio('rps', 'shipmate', 'bolt-ack'),
    'acks-over-3s': open.latenciesMs.filter((ms) => ms > 3_000).length + open.refused,
    'p999-ms': percentile(open.latenciesMs, 0.999),
    rps: median(rounds.map((round) => round.shipmate?.rps ?? Number.NaN)),
    'cpu-us': median(rounds.map((round) => round.shipmate?.cpuUs ?? Number.NaN)),
  })
} finally {
  await Promise.all(servers.map((server) => server.stop()))
  await database.stop()
}

/** Processor time counts until all that was acknowledged is handled and written so. */
async function measure(server: BenchServer, count: number, { one }: BenchDatabase): Promise<Measured> {
  const requests = signedCommands(count)
  const [before, cpu] = [await server.handled(), server.cpuMs()]
  const load = await closedLoop(server.port, requests, concurrent)
  if (load.refused > 0) throw new Error(`${server.name} refused ${load.refused} of ${count}`)
  const backlog = count - ((await server.handled()) - before)
  while ((await server.handled()) - before < count) await pause(10)
  while ((await one('select count(*) from shipmate.inbox where done_at is null')) > 0) await pause(10)
  return {
    rps: count / load.seconds,
    cpuUs: ((server.cpuMs() - cpu) * 1000) / count,
    p99: percentile(load.latenciesMs, 0.99),
    backlog,
  }
}

function line([name, { rps, cpuUs, p99, backlog }]: [string, Measured]): string {
  return `${name} ${rps.toFixed(0)}/s ${cpuUs.toFixed(0)} µs p99 ${p99.toFixed(0)} ms${backlog > 0 ? ` (${backlog} behind)` : ''}`
}
