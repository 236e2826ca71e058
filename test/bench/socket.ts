// Envelopes of Socket Mode, committed before they are acknowledged, beside bare Bolt; then fifty broken connections.
// `--quick` is for development: fewer and smaller rounds.
import { setTimeout as pause } from 'node:timers/promises'
import { type BenchDatabase, benchDatabase } from './parts/bench-database.js'
import { commandFields } from './parts/commands.js'
import { median, printFigures, rotated } from './parts/figures.js'
import { type BenchServer, startServer } from './parts/servers.js'
import { type Envelope, type StandIn, startStandIn } from './parts/stand-in.js'

const quick = process.argv.includes('--quick')
const size = quick ? { rounds: 3, envelopes: 2_000, warmUp: 1_000 } : { rounds: 7, envelopes: 10_000, warmUp: 5_000 }
const inFlight = 10
const breaks = 50
const eventsPerBreak = 40

type Side = { server: BenchServer; slack: StandIn }
type Measured = { rate: number; cpuUs: number }

const database = await benchDatabase()
const sides: Side[] = []
try {
  sides.push(await startSide('bolt', '../anchors/bolt-socket.js'))
  sides.push(await startSide('shipmate', './front-socket.js'))
  for (const side of sides) await measure(side, size.warmUp, database)

  const rounds: { [name: string]: Measured }[] = []
  for (let round = 0; round < size.rounds; round++) {
    const measured: { [name: string]: Measured } = {}
    for (const side of rotated(sides, round)) measured[side.server.name] = await measure(side, size.envelopes, database)
    rounds.push(measured)
    console.log(`round ${round + 1}: ${Object.entries(measured).map(line).join(' | ')}`)
  }
  const { lost, doubled } = await reconnects(sides[1] as Side, database)
  const ratio = (key: keyof Measured) =>
    median(rounds.map(({ shipmate, bolt }) => (shipmate?.[key] ?? Number.NaN) / (bolt?.[key] ?? Number.NaN)))
  printFigures('socket', {
    'rate-vs-bolt': ratio('rate'),
    lost,
    doubled,
    'cpu-vs-bolt': ratio('cpuUs'),
    rate: median(rounds.map(({ shipmate }) => shipmate?.rate ?? Number.NaN)),
  })
} finally {
  for (const { slack } of sides) slack.stop()
  await Promise.all(sides.map(({ server }) => server.stop()))
  await database.stop()
}

async function startSide(name: string, file: string): Promise<Side> {
  const slack = await startStandIn()
  const server = await startServer(name, file, { BENCH_DATABASE_URL: database.url, BENCH_API_URL: slack.apiUrl })
  await slack.connected(1)
  return { server, slack }
}

async function measure({ server, slack }: Side, count: number, { one }: BenchDatabase): Promise<Measured> {
  const envelopes = Array.from({ length: count }, () => ({ type: 'slash_commands', payload: commandFields() }))
  const [before, cpu] = [await server.handled(), server.cpuMs()]
  const { seconds } = await slack.deliver(envelopes, inFlight)
  while ((await server.handled()) - before < count) await pause(10)
  while ((await one('select count(*) from shipmate.inbox where done_at is null')) > 0) await pause(10)
  return { rate: count / seconds, cpuUs: ((server.cpuMs() - cpu) * 1000) / count }
}

/** Connections break while events come; each event that was acknowledged must have been handled, and once. */
async function reconnects({ server, slack }: Side, { one }: BenchDatabase) {
  const envelopes = Array.from({ length: breaks * eventsPerBreak }, (_, number) => mention(`EvBreak${number}`))
  const before = await server.handled()
  let broken = 0
  await slack.deliver(envelopes, inFlight, (count) => {
    if (count % eventsPerBreak === 0 && broken < breaks) slack.breakOne(broken++)
  })
  while ((await one('select count(*) from shipmate.inbox where done_at is null')) > 0) await pause(10)
  const kept = await one(`select count(*) from shipmate.inbox where key like 'event EvBreak%' and outcome = 'handled'`)
  const handled = (await server.handled()) - before
  console.log(`${broken} broken connections: ${envelopes.length} events, ${kept} kept and handled, ${handled} times`)
  return { lost: envelopes.length - kept, doubled: handled - envelopes.length }
}

function mention(id: string): Envelope {
  const event = { type: 'app_mention', user: 'U1', text: '<@U0> status', channel: 'C1', ts: '1.1', event_ts: '1.1' }
  return { type: 'events_api', payload: { type: 'event_callback', team_id: 'T0BENCH', event_id: id, event } }
}

function line([name, { rate, cpuUs }]: [string, Measured]): string {
  return `${name} ${rate.toFixed(0)}/s ${cpuUs.toFixed(0)} µs`
}
