// What front and worker in one process hold of the machine's memory: idle, and after a million commands that were handled
// to the end. `--commands 100000` for fewer. No anchor: the goals are absolute, and a growth.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { benchDatabase } from './parts/bench-database.js'
import { signedCommands } from './parts/commands.js'
import { printFigures } from './parts/figures.js'
import { firstAck } from './parts/first-ack.js'
import { closedLoop } from './parts/load.js'
import { freePort, residentMb, startProduct } from './parts/product.js'
import { cpuMs } from './parts/servers.js'
import { startSlackSink } from './parts/slack-sink.js'

const given = process.argv.indexOf('--commands')
const commands = given < 0 ? 1_000_000 : Number(process.argv[given + 1])
const batch = 5_000
const rests = 10_000
const step = Math.min(100_000, commands)

const database = await benchDatabase()
const sink = await startSlackSink()
const dir = mkdtempSync(join(tmpdir(), 'shipmate-bench-memory-'))
const fields = { command: '/ops', text: 'undefinable', response_url: sink.responseUrl }
const product = startProduct(database.url, sink, dir, await freePort())
try {
  await firstAck(product.port, () => signedCommands(1, fields)[0] as Buffer)
  await answered(1)
  await pause(rests)
  const idle = residentMb(product.pid)
  console.log(`idle: ${idle.toFixed(0)} MB`)
  const seen: { commands: number; mb: number }[] = []
  const [began, cpu] = [performance.now(), cpuMs(product.pid)]
  for (let done = 0; done < commands; done += batch) {
    const before = sink.answers()
    const { refused } = await closedLoop(product.port, signedCommands(batch, fields), 50)
    if (refused > 0) throw new Error(`${refused} commands were not acknowledged`)
    await answered(before + batch)
    if ((done + batch) % step > 0) continue
    seen.push({ commands: done + batch, mb: residentMb(product.pid) })
    const rate = ((done + batch) / (performance.now() - began)) * 1000
    console.log(`${done + batch} commands: ${seen.at(-1)?.mb.toFixed(0)} MB, ${rate.toFixed(0)} commands/s`)
  }
  await pause(rests)
  const open = await database.one('select count(*) from shipmate.inbox where done_at is null')
  const handled = await database.one(`select count(*) from shipmate.inbox where outcome = 'handled'`)
  if (open > 0 || handled < commands) throw new Error(`${open} commands are open, ${handled} handled`)
  const after = residentMb(product.pid)
  printFigures('memory', {
    'idle-mb': idle,
    growth: after / idle,
    'after-mb': after,
    'slope-mb-per-100k': slope(seen.slice(Math.floor(seen.length / 2))) * 100_000,
    'cpu-us': ((cpuMs(product.pid) - cpu) * 1000) / commands,
    commands,
    seconds: (performance.now() - began) / 1000,
  })
} catch (thrown) {
  throw new Error(product.err(), { cause: thrown })
} finally {
  await product.stop('SIGKILL')
  sink.stop()
  await database.stop()
  rmSync(dir, { recursive: true, force: true })
}

/** What was answered was handled; each answer is one request that came here. */
async function answered(count: number): Promise<void> {
  while (sink.answers() < count) await pause(5)
}

/** Of the line through the points with the least squares, in MB per command. */
function slope(points: { commands: number; mb: number }[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [x, y] = [mean(points.map(({ commands: at }) => at)), mean(points.map(({ mb }) => mb))]
  const square = points.reduce((sum, { commands: at }) => sum + (at - x) ** 2, 0)
  const common = points.reduce((sum, { commands: at, mb }) => sum + (at - x) * (mb - y), 0)
  return square === 0 ? 0 : common / square
}
