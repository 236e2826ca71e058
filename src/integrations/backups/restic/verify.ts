import type { Verification } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { ShipmateError } from '../../../errors.js'
import { labelUnknown } from '../problems.js'
import type { ProgramEnd } from '../programs.js'
import { bytesTold } from '../progress.js'
import { type Entry, parseListing } from './listing.js'
import type { Parts } from './parts.js'
import { fileOf, nodesOf, type Snapshot, snapshotsOf, toldIn } from './program.js'
import { backupFrom, filesIn, isHalf, vanishedOf } from './tags.js'

/** The list that was stored with a backup, wherever it was when it was taken. */
export const listingPathOf = ({ paths }: Snapshot): string =>
  paths.find((path) => path.endsWith('/listing.jsonl')) ?? ''

/** Every byte in the repository, by restic's own check; or every byte of one backup, and its list against its files. */
export async function verify(parts: Parts, label: string | null, context: EngineContext): Promise<Verification> {
  if (!(await parts.isThere(context.signal))) {
    if (label !== null) throw labelUnknown(label, [])
    return { files: 0, bytes: 0, segments: 0, defects: [] }
  }
  const snapshots = (await snapshotsOf(parts.program, parts.set, context)).filter((one) => !isHalf(one))
  if (label === null) return everything(parts, snapshots.length, context)
  const asked = snapshots.find((one) => one.short_id === label)
  if (!asked)
    throw labelUnknown(
      label,
      snapshots.map((one) => one.short_id),
    )
  return oneBackup(parts, asked, context)
}

async function everything(parts: Parts, backups: number, context: EngineContext): Promise<Verification> {
  const { bytes, files } = await parts.used(context.signal)
  const found = { files: backups === 0 ? 0 : files, bytes, segments: 0 }
  context.progress({ done: 0, total: 0, text: `reading back ${parts.set}` })
  // What is absent is told at once by the first; the second would ask for it again and again.
  for (const more of [[], ['--read-data']]) {
    const words = ['--no-lock', 'check', ...more]
    const call = { words, signal: context.signal, well: foundWrong }
    const { code, complaints, output } = await parts.program.run('read everything back', call)
    const wrong = code === 0 ? [] : wrongIn(`${complaints}\n${output}`)
    if (wrong.length > 0) return { ...found, defects: wrong.map((what) => ({ where: placeIn(what), what })) }
  }
  // One without a single backup in it is well by restic's own word, and nothing can be restored from it.
  return { ...found, defects: [] }
}

/** It looked, and said so; anything else is no word about the backups. */
const foundWrong = ({ complaints }: ProgramEnd) => /repository contains errors/.test(complaints)

function wrongIn(said: string): string[] {
  const lines = toldIn(said).map((line) => line.trim())
  const wrong = [...new Set(lines)].filter((line) => !usual.test(line))
  return wrong.length > 0 ? wrong.slice(0, 50) : ['restic’s check ended badly without saying where']
}

/** What it says of itself while it looks. */
const usual =
  /^(using temporary cache|create exclusive lock|repository \S+ opened|load indexes|check (all packs|snapshots)|read all data|\[\d|Fatal: repository contains errors)/

function placeIn(what: string): string {
  const pack = /want ([0-9a-f]{8})/.exec(what)?.[1]
  const named = /\b(pack|blob|tree|index|snapshot) [0-9a-f]{8,64}/i.exec(what)?.[0]
  return named ?? (pack ? `pack ${pack}` : 'the repository')
}

/** As a tar that goes nowhere: restic compares each part with its hash while it reads. */
async function oneBackup({ program, set }: Parts, snapshot: Snapshot, context: EngineContext): Promise<Verification> {
  const { signal } = context
  const [label, total] = [snapshot.short_id, backupFrom(snapshot).databaseBytes]
  const tell = bytesTold(context, `reading back ${set}`)
  const found: Verification = { files: filesIn(snapshot), bytes: 0, segments: 0, defects: [] }
  const broken = (where: string) => (thrown: unknown) => {
    signal.throwIfAborted()
    if (!(thrown instanceof ShipmateError) || !defective.includes(thrown.code) || thrown.transient) throw thrown
    found.defects.push({ where, what: (thrown.came ?? thrown.message).split('\n')[0] ?? thrown.message })
    return null
  }
  await program
    .run(`read back ${label}`, {
      words: ['--no-lock', 'dump', '--archive', 'tar', label, '/'],
      signal,
      onBytes(part) {
        found.bytes += part.length
        tell(Math.min(found.bytes, total), total)
      },
    })
    .catch(broken(label))
  if (found.bytes < total && found.defects.length === 0)
    found.defects.push({ where: label, what: `${found.bytes} bytes came back of ${total}` })
  // Each further read of what is not there takes restic three quarters of a minute.
  if (found.defects.length > 0) return found
  const where = listingPathOf(snapshot)
  const text = await fileOf(program, label, where, signal).catch(broken(where))
  const nodes = await nodesOf(program, label, signal).catch(broken(label))
  if (text === null || nodes === null) return found
  const { entries } = await Promise.resolve()
    .then(() => parseListing(text.toString('utf8'), label))
    .catch((thrown) => {
      broken(where)(thrown)
      return { entries: [] }
    })
  const absent = absentFrom(snapshot, entries, nodes)
  for (const path of absent.slice(0, 50)) found.defects.push({ where: path, what: notInIt })
  return found
}

export const notInIt = 'it is on the list and not in the backup'

/** Paths of the list that the backup lacks, beyond those that went while it was taken. */
export function absentFrom(snapshot: Snapshot, entries: Entry[], nodes: Map<string, unknown>): string[] {
  const absent = entries.filter(({ path }) => !nodes.has(path)).map(({ path }) => path)
  return absent.length > vanishedOf(snapshot) ? absent : []
}

const defective = ['backup-tool-failed', 'backup-catalogue']
