import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RestorePoint } from '../../../../backups/backup.js'
import type { Vault } from '../../storage/vault.js'
import { parseLsn, parseSegment } from '../../wal/segments.js'
import { type Choice, unreachable } from '../choose.js'
import { endOf } from '../spans.js'
import { createWalReader } from './reader.js'

/** What the server is told; null: go on to the end of what is there. */
export type Target = { setting: string; value: string } | null

/**
 * Puts the segments that recovery needs into a folder, unpacked and decrypted, and tells what recovery has to be asked.
 *
 * PostgreSQL ends with an error when it is asked for a moment and sees no later end of a transaction: "recovery ended
 * before configured recovery target was reached". So the WAL is read here first. Where something later is there, that is
 * asked for; where nothing is, and the archive is known to reach that moment, the end of the archive is the same thing.
 */
export async function layWal(
  vault: Vault,
  choice: Choice,
  point: RestorePoint,
  folder: string,
  signal: AbortSignal,
): Promise<{ target: Target; bytes: number }> {
  const { record, shelf, segments } = choice
  const { segmentBytes } = record
  const reader = createWalReader()
  const atMicros = point.kind === 'time' ? BigInt(point.at.getTime()) * 1000n : 0n
  const lsn = point.kind === 'lsn' ? parseLsn(point.lsn) : choice.lsn
  let reached = false
  let bytes = 0
  for (const name of segments) {
    const kept = shelf.segments.get(name)
    if (!kept) throw unreachable(point, `segment ${name} is missing`)
    const read = await vault.read({ name: kept.name, sha256: kept.sha256 }, signal)
    const begin = BigInt(parseSegment(name, segmentBytes).number) * BigInt(segmentBytes)
    const events = reader.read(read, begin)
    // What the server had not written yet when it was fetched: recovery ends at the first byte that is none.
    const whole = read.length === segmentBytes ? read : Buffer.concat([read, Buffer.alloc(segmentBytes - read.length)])
    await writeFile(join(folder, name), whole)
    bytes += whole.length
    if (point.kind === 'time') reached = events.some((event) => event.kind === 'commit' && event.at > atMicros)
    if (point.kind === 'name') reached = events.some((event) => event.kind === 'point' && event.lsn === lsn)
    if (point.kind === 'lsn') reached = (reader.last()?.begin ?? 0n) >= (lsn ?? 0n)
    if (reached) break
  }
  for (const [timeline, { stored }] of shelf.histories)
    if (timeline <= choice.timeline)
      await writeFile(join(folder, historyFile(timeline)), await vault.read({ name: stored }, signal))
  if (reached) return { target: targetOf(point), bytes }
  refuseBeyond(point, choice, lsn, reader.last()?.end ?? 0n)
  return { target: null, bytes }
}

const historyFile = (timeline: number) => `${timeline.toString(16).toUpperCase().padStart(8, '0')}.history`

function targetOf(point: RestorePoint): Target {
  switch (point.kind) {
    case 'time':
      return {
        setting: 'recovery_target_time',
        value: point.at.toISOString().replace('T', ' ').replace('Z', '+00'),
      }
    case 'name':
      return { setting: 'recovery_target_name', value: point.name }
    case 'lsn':
      return { setting: 'recovery_target_lsn', value: point.lsn }
    default:
      return null
  }
}

function refuseBeyond(point: RestorePoint, { record, shelf, segments }: Choice, lsn: bigint | null, end: bigint): void {
  if (point.kind === 'latest' || point.kind === 'backup') return
  if (point.kind === 'time') {
    const last = endOf(segments.toReversed(), shelf, record.segmentBytes) ?? record.endedAt
    if (point.at <= last) return
    throw unreachable(point, `what is archived without a hole ends at ${last.toISOString()}`)
  }
  if (lsn !== null && point.kind === 'lsn' && lsn <= end) return
  throw unreachable(point, 'it is beyond what is archived')
}
