import { createHash } from 'node:crypto'
import { ShipmateError } from '../../../../errors.js'
import type { Vault } from '../../storage/vault.js'
import { parseHistory, segmentName as walName } from '../../wal/segments.js'
import { createWalReader, type WalEvent, type WalReader } from './reader.js'
import { folderOf, historyName, pointName, seenName, segmentName, type WalShelf } from './shelf.js'
import type { WalSink } from './stream.js'

export type WalSinkParts = {
  vault: Vault
  /** What stood there before; kept up to date. */
  shelf: WalShelf
  server: { systemId: string; segmentBytes: number; histories: Map<number, string> }
  timeline: number
  signal: AbortSignal
}

/** A moment is written down this often at most while nothing else is. */
const seenEveryMs = 10_000

/** Puts segments of one timeline on the shelf, with the points that somebody named in them. */
export function createWalSink(parts: WalSinkParts): WalSink {
  const { vault, shelf, timeline, signal } = parts
  const { systemId, segmentBytes } = parts.server
  const folder = folderOf(systemId)
  const steady = createWalReader()
  const put = (name: string, bytes: Buffer) => putOnce(vault, `${folder}/${name}`, bytes, signal)

  const keep = async (bytes: Buffer, number: number, reader: WalReader) => {
    const events = reader.read(bytes, BigInt(number) * BigInt(segmentBytes))
    await keepHistory(parts, events, put)
    for (const event of events) if (event.kind === 'point') await keepPoint(parts, event, put)
    const segment = walName({ timeline, number }, segmentBytes)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const before = shelf.segments.get(segment)
    if (before?.sha256 === sha256 && before.used === usedOf(bytes, segmentBytes)) return
    const lastMs = events.reduce((last, { kind, at }) => (kind === 'commit' ? Math.max(last, msUp(at)) : last), 0)
    const facts = { segment, sha256, lastMs, used: usedOf(bytes, segmentBytes) }
    const { name, storedBytes } = await put(segmentName(facts), bytes)
    shelf.segments.set(segment, { ...facts, name, storedBytes, at: new Date(lastMs) })
    const replaced = shelf.outdated.filter((one) => one.segment === segment)
    for (const old of before ? [before, ...replaced] : replaced) await vault.storage.remove(old.name, signal)
  }
  return {
    whole: (bytes, number) => keep(bytes, number, steady),
    // Its records are read again when it is whole.
    part: (bytes, number) => keep(Buffer.from(bytes), number, createWalReader()),
    async caughtUp(lsn, atMs) {
      const before = shelf.seen
      if (before && atMs - before.atMs < seenEveryMs && before.timeline === timeline && before.lsn === lsn) return
      const { name } = await put(seenName({ lsn, timeline, atMs }), token)
      const old = before ? [before, ...shelf.outdatedSeen] : shelf.outdatedSeen
      shelf.seen = { lsn, timeline, atMs, stored: name }
      shelf.outdatedSeen = []
      for (const { stored } of old) if (stored !== name) await vault.storage.remove(stored, signal)
    },
  }
}

type Put = (name: string, bytes: Buffer) => Promise<{ name: string; storedBytes: number }>

const usedOf = (bytes: Buffer, segmentBytes: number) => (bytes.length === segmentBytes ? null : bytes.length)

/** When a timeline began is what its first record says. */
async function keepHistory({ shelf, server, timeline }: WalSinkParts, events: WalEvent[], put: Put): Promise<void> {
  const text = server.histories.get(timeline)
  if (text === undefined || shelf.histories.has(timeline)) return
  const left = parseHistory(text).at(-1)?.until ?? 0n
  const first = events.find(({ lsn }) => lsn >= left)
  if (!first) return
  const { name } = await put(historyName(timeline, msDown(first.at)), Buffer.from(text))
  shelf.histories.set(timeline, { stored: name, beganMs: msDown(first.at) })
}

async function keepPoint(
  { shelf, timeline }: WalSinkParts,
  point: { name: string; at: bigint; lsn: bigint },
  put: Put,
): Promise<void> {
  if (shelf.points.some(({ lsn, timeline: there }) => lsn === point.lsn && there === timeline)) return
  const facts = { name: point.name, lsn: point.lsn, timeline, atMs: msUp(point.at) }
  const { name: stored } = await put(pointName(facts), token)
  shelf.points.push({ ...facts, stored })
}

/** What stands already under that name was put by somebody who was killed before it was written down. */
async function putOnce(vault: Vault, name: string, bytes: Buffer, signal: AbortSignal) {
  const data = async function* () {
    yield bytes
  }
  try {
    return await vault.keep(name, data(), signal)
  } catch (error) {
    if (!(error instanceof ShipmateError) || error.code !== 'storage-taken') throw error
    const [there] = await vault.storage.list(`${name}`, signal)
    if (there && (await isWhole(vault, there.name, createHash('sha256').update(bytes).digest('hex'), signal)))
      return { name: there.name, storedBytes: there.bytes }
    if (there) await vault.storage.remove(there.name, signal)
    return vault.keep(name, data(), signal)
  }
}

/** Whether it can be read to its end and is what it was; anything but damage is no answer. */
export const isWhole = (vault: Vault, name: string, sha256: string, signal: AbortSignal): Promise<boolean> =>
  vault.read({ name, sha256 }, signal).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ShipmateError && error.code === 'storage-damaged') return false
      throw error
    },
  )

// Its name says everything; not every service keeps files of no bytes.
const token = Buffer.from('see the name\n')

const msUp = (micros: bigint) => Number((micros + 999n) / 1000n)
const msDown = (micros: bigint) => Number(micros / 1000n)
