// What Shipmate adds to a backup and a restore of 1 GB under writes, against the bare tools in the same run; what the
// application feels of it; how fast a drill has a database again, against a plain copy of the same data.
// `--quick` is for development: a smaller database and one round.
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { BackupKind } from '../../src/backups/backup.js'
import { bytesBelow } from '../../src/integrations/backups/folders.js'
import { createNativeEngine } from '../../src/integrations/backups/native/engine.js'
import { shownTime } from '../../src/integrations/backups/wal/choice.js'
import { archived, contextFor, mark, rowsOf } from '../support/backups/engine-rig.js'
import { folderFor, installedPostgres, postgresUser } from '../support/backups/local-server.js'
import { pgBackRestRig } from '../support/backups/pgbackrest-rig.js'
import { requirePart } from '../support/parts.js'
import { filledDatabase, startLoad } from './parts/backup-load.js'
import { bareTools, dropCaches } from './parts/bare-backup.js'
import { median, printFigures } from './parts/figures.js'

const quick = process.argv.includes('--quick')
const size = quick ? { scale: 8, rounds: 1, writesMs: 2_000 } : { scale: 68, rounds: 3, writesMs: 3_000 }

const program = requirePart('pgbackrest')
const bin = installedPostgres()
if (!program || !bin) throw new Error('this benchmark needs pgbackrest and a PostgreSQL of Debian')

const rig = await pgBackRestRig(bin, program, {
  ownDisk: false,
  options: ['process-max=2', 'compress-type=zst', 'compress-level=1', 'repo1-bundle=y'],
  settings: ['shared_buffers = 256MB', 'max_wal_size = 2GB'],
})
const { server, engine, yard } = rig
const bare = bareTools(server)
const own = [`--config=${rig.config}`, '--stanza=main']
const native = await createNativeEngine(
  {
    bin,
    folder: folderFor(postgresUser(), server.dir, 'native'),
    archive: folderFor(postgresUser(), server.dir, 'unused'),
    user: 'postgres',
  },
  { name: 'the server', url: async () => server.url },
)
const load = { stop: async () => {} }
try {
  await filledDatabase(server, size.scale)
  const [held] = await rowsOf<{ bytes: string }>(server.url, `select pg_database_size('postgres') as bytes`)
  console.log(`${(Number(held?.bytes) / 1e6).toFixed(0)} MB, ${size.rounds} rounds`)
  const running = startLoad(server, 100)
  load.stop = running.stop
  const quiet = await window(() => pause(size.writesMs * 2))
  await engine.take({ kind: 'full', key: 'first', run: 1 }, contextFor())

  const during: { from: number; to: number }[] = []
  const ratios: { [what: string]: number[] } = { full: [], incremental: [], native: [] }
  const seconds: { [what: string]: number[] } = { full: [], incremental: [], native: [] }
  for (let round = 0; round < size.rounds; round++) {
    for (const kind of ['full', 'incremental'] as const) {
      const [ours, theirs] = await bothTimed(
        round,
        () => takenBy(kind, round),
        () => bareTaken(kind),
      )
      note(kind, ours, theirs)
    }
    const [ours, theirs] = await bothTimed(
      round,
      () => native.take({ kind: 'full', key: `round-${round}`, run: 1 }, contextFor()),
      () => bareBase(round),
    )
    note('native', ours, theirs)
  }

  const { at } = await mark(server.url, 'the point').catch(async () => {
    await rowsOf(server.url, 'create table markers (name text primary key, at timestamptz default clock_timestamp())')
    return mark(server.url, 'the point')
  })
  await pause(500)
  await running.stop()
  load.stop = async () => {}
  await archived(server.url)
  const [label] = (await engine.holding(contextFor())).backups.slice(-1).map((backup) => backup.label)

  const [pitr, drills, copies]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < size.rounds; round++) {
    const mine = await drilled(at)
    const theirs = await bare.restored(
      program,
      [
        'restore',
        ...own,
        `--set=${label}`,
        '--type=time',
        `--target=${shownTime(at)}`,
        '--target-action=promote',
        '--archive-mode=off',
      ],
      'bare-restore',
    )
    const copied = await copyRate()
    pitr.push(mine.ms / theirs)
    drills.push(mine.bytesPerMs / copied)
    copies.push(copied)
    console.log(
      `restore ${round + 1}: ours ${mine.ms.toFixed(0)} ms, bare ${theirs.toFixed(0)} ms, ${(mine.bytesPerMs / 1000).toFixed(0)} MB/s, cp -r ${(copied / 1000).toFixed(0)} MB/s`,
    )
  }
  printFigures('backup', {
    'full-vs-bare': median(ratios.full ?? []),
    'incremental-vs-bare': median(ratios.incremental ?? []),
    'native-full-vs-bare': median(ratios.native ?? []),
    'pitr-vs-bare': median(pitr),
    'full-s': median(seconds.full ?? []),
    'incremental-s': median(seconds.incremental ?? []),
    'native-full-s': median(seconds.native ?? []),
    'p95-quiet-ms': running.p95([quiet]),
    'p95-during-backup-ms': running.p95(during),
    'drill-vs-copy': median(drills),
    'copy-mb-s': median(copies) / 1000,
  })

  function note(what: string, ours: number, theirs: number): void {
    ratios[what]?.push(ours / theirs)
    seconds[what]?.push(ours / 1000)
    console.log(`${what}: ours ${ours.toFixed(0)} ms, bare ${theirs.toFixed(0)} ms`)
  }

  /** One after the other, each time another one first, each after as many writes. */
  async function bothTimed(round: number, ours: () => Promise<unknown>, theirs: () => Promise<unknown>) {
    const timed = async (act: () => Promise<unknown>) => {
      await pause(size.writesMs)
      const { from, to } = await window(act)
      during.push({ from, to })
      return to - from
    }
    if (round % 2 === 0) return [await timed(ours), await timed(theirs)] as const
    const bareTook = await timed(theirs)
    return [await timed(ours), bareTook] as const
  }
} finally {
  await load.stop()
  await rig.close()
}

async function window(act: () => Promise<unknown>): Promise<{ from: number; to: number }> {
  const from = Date.now()
  await act()
  return { from, to: Date.now() }
}

function takenBy(kind: BackupKind, round: number) {
  return engine.take({ kind, key: `${kind}-${round}`, run: 1 }, contextFor())
}

function bareTaken(kind: 'full' | 'incremental') {
  const type = kind === 'full' ? 'full' : 'incr'
  const quietly = ['--log-level-console=off', '--log-level-stderr=error']
  return bare.run(program ?? '', ['backup', ...own, `--type=${type}`, '--start-fast', '--no-expire-auto', ...quietly])
}

async function bareBase(round: number): Promise<void> {
  const data = join(server.dir, 'native', `bare-${round}`)
  const words = ['-d', server.url, '-D', data, '-Fp', '-X', 'stream', '-c', 'fast', '--manifest-checksums=SHA256']
  await bare.run(join(server.bin, 'pg_basebackup'), words)
  rmSync(data, { recursive: true, force: true })
}

/** From the order until connections are accepted; looking into it is another thing. */
async function drilled(at: Date): Promise<{ ms: number; bytesPerMs: number }> {
  const folder = await yard.folder('drill', 1_000_000)
  dropCaches()
  const began = performance.now()
  const { bytes } = await engine.restore({ point: { kind: 'time', at }, into: folder }, contextFor())
  const scratch = await yard.start(folder, contextFor())
  const ms = performance.now() - began
  await scratch.stop()
  await yard.remove(folder)
  return { ms, bytesPerMs: bytes / ms }
}

/** `cp -r` and fsync of the server's own files, cold. */
async function copyRate(): Promise<number> {
  const to = join(server.dir, 'copy')
  mkdirSync(to)
  dropCaches()
  const began = performance.now()
  execFileSync('cp', ['-r', server.data, to])
  execFileSync('find', [to, '-type', 'f', '-exec', 'sync', '{}', '+'])
  const ms = performance.now() - began
  const rate = (await bytesBelow(to)) / ms
  rmSync(to, { recursive: true, force: true })
  return rate
}
