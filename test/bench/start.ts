// From spawn to the first acknowledgement: Shipmate's is durable, bare Bolt's is not. Front and worker in one process.
// `--quick` is for development: fewer rounds.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { benchDatabase } from './parts/bench-database.js'
import { signedCommands } from './parts/commands.js'
import { median, printFigures, rotated } from './parts/figures.js'
import { firstAck } from './parts/first-ack.js'
import { freePort, type Program, startProduct, startProgram } from './parts/product.js'
import { startSlackSink } from './parts/slack-sink.js'

const rounds = process.argv.includes('--quick') ? 5 : 15
const anchor = fileURLToPath(new URL('./anchors/bolt-start.js', import.meta.url))

const database = await benchDatabase()
const sink = await startSlackSink()
const dir = mkdtempSync(join(tmpdir(), 'shipmate-bench-start-'))
const contestants: { name: string; start(port: number): Program }[] = [
  { name: 'bolt', start: (port) => startProgram([anchor], port, {}) },
  { name: 'shipmate', start: (port) => startProduct(database.url, sink, dir, port) },
]
try {
  // The first start of each finds cold files, and Shipmate's an empty database.
  for (const contestant of contestants) await measured(contestant)
  const times: { [name: string]: number[] } = { bolt: [], shipmate: [] }
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) {
    const seen: { [name: string]: number } = {}
    for (const contestant of rotated(contestants, round)) {
      seen[contestant.name] = await measured(contestant)
      times[contestant.name]?.push(seen[contestant.name] ?? Number.NaN)
    }
    ratios.push((seen.shipmate ?? Number.NaN) / (seen.bolt ?? Number.NaN))
    console.log(
      `round ${round + 1}: ${Object.entries(seen)
        .map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`)
        .join(', ')}`,
    )
  }
  printFigures('start', {
    'vs-bolt': median(ratios),
    'vs-bolt-medians': median(times.shipmate ?? []) / median(times.bolt ?? []),
    'shipmate-ms': median(times.shipmate ?? []),
    'bolt-ms': median(times.bolt ?? []),
  })
} finally {
  sink.stop()
  await database.stop()
  rmSync(dir, { recursive: true, force: true })
}

/** Milliseconds; what was acknowledged by Shipmate has its row. */
async function measured({ name, start }: (typeof contestants)[number]): Promise<number> {
  const port = await freePort()
  const before = await database.one('select count(*) from shipmate.inbox')
  const fields = { command: '/ops', text: 'help', response_url: sink.responseUrl }
  const began = performance.now()
  const program = start(port)
  try {
    await firstAck(port, () => signedCommands(1, fields)[0] as Buffer)
    const ms = performance.now() - began
    const kept = (await database.one('select count(*) from shipmate.inbox')) - before
    if (name === 'shipmate' && kept < 1) throw new Error('an acknowledged command has no row')
    return ms
  } catch (thrown) {
    throw new Error(`${name}: ${program.err()}`, { cause: thrown })
  } finally {
    await program.stop('SIGKILL')
  }
}
