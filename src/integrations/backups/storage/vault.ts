import { createHash } from 'node:crypto'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { failed, ShipmateError } from '../../../errors.js'
import { type Compression, packing, unpacking } from './packing.js'
import { type Sealing, sealedEnding } from './sealing.js'
import type { Storage } from './storage.js'

/** A file as it lies in the storage (packed, encrypted) and as it was before. */
export type Kept = {
  /** Its endings tell how it is to be opened. */
  name: string
  storedBytes: number
  storedSha256: string
  bytes: number
}

/** Keeps files: packed, then encrypted if there is a key, and read back before they count. */
export type Vault = {
  storage: Storage
  keep(name: string, data: AsyncIterable<Buffer>, signal: AbortSignal): Promise<Kept>
  /** As they were before; throws where the first byte is wrong, and `storage-damaged` at the end if the digest is. */
  open(kept: Wanted, signal: AbortSignal): AsyncGenerator<Buffer>
  /** A small file as a whole. */
  read(kept: Wanted, signal: AbortSignal): Promise<Buffer>
}

/** What is known beforehand about a file; everything that is known is compared. `sha256`: of what it was before. */
export type Wanted = Pick<Kept, 'name'> & Partial<Kept> & { sha256?: string }

export function createVault(storage: Storage, compression: Compression, sealing: Sealing | null): Vault {
  const { ending, pack } = packing(compression)
  const open = (wanted: Wanted, signal: AbortSignal) => opened(storage, sealing, wanted, signal)
  return {
    storage,
    open,
    async read(wanted, signal) {
      const parts: Buffer[] = []
      for await (const part of open(wanted, signal)) parts.push(part)
      return Buffer.concat(parts)
    },
    async keep(plainName, data, signal) {
      const name = `${plainName}${ending}${sealing ? sealedEnding : ''}`
      const plain = measure(false)
      const steps = [plain.stream, pack(), sealing?.seal(name) ?? null].filter((step) => step !== null)
      const last = steps.at(-1) ?? plain.stream
      // The pipeline listens no more once all is written; why the storage refused then is told by `kept`.
      last.on('error', () => {})
      const poured = pipeline([Readable.from(data, { objectMode: false, highWaterMark: 256 * 1024 }), ...steps], {
        signal,
      })
      const kept = storage.put(name, last as Readable, signal).catch((error: Error) => {
        // One that refused before it read anything would leave the source waiting.
        last.destroy(error)
        throw error
      })
      const [put, read] = await Promise.allSettled([kept, poured])
      // Whichever broke first ended the other one; what says why in our words is the reason.
      const reasons = [put, read].flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
      if (put.status === 'rejected' || read.status === 'rejected')
        throw (
          reasons.find((reason) => reason instanceof ShipmateError) ??
          reasons.find((one) => !endedEarly(one)) ??
          reasons[0]
        )
      await readBack(storage, name, put.value, signal)
      const { bytes, sha256 } = put.value
      return { name, storedBytes: bytes, storedSha256: sha256, bytes: plain.found().bytes }
    },
  }
}

const endedEarly = (reason: unknown) => (reason as { code?: string }).code === 'ERR_STREAM_PREMATURE_CLOSE'

/** Success is what the storage gives back, never that it took everything. */
async function readBack(
  storage: Storage,
  name: string,
  written: { bytes: number; sha256: string },
  signal: AbortSignal,
): Promise<void> {
  const stored = measure(true)
  await pipeline(await storage.get(name, signal), stored.stream.resume(), { signal })
  const { bytes, sha256 } = stored.found()
  if (bytes === written.bytes && sha256 === written.sha256) return
  await storage.remove(name, signal)
  throw failed('storage-lost-bytes', `${storage.name} does not give back what was written to it as ${name}`, {
    wanted: `${written.bytes} bytes, SHA-256 ${written.sha256}`,
    came: `${bytes} bytes, SHA-256 ${sha256}`,
    next: 'Look at the disk or the service behind it. The file was removed and the backup does not count.',
  })
}

async function* opened(
  storage: Storage,
  sealing: Sealing | null,
  wanted: Wanted,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { name } = wanted
  const isSealed = name.endsWith(sealedEnding)
  if (isSealed && !sealing) throw noKey(name)
  // Each byte is hashed once: as it lies there where that is known, else as it was.
  const stored = measure(wanted.storedSha256 !== undefined)
  const plain = measure(wanted.sha256 !== undefined)
  const unseal = isSealed ? (sealing?.unseal(name) ?? null) : null
  const unpack = unpacking(isSealed ? name.slice(0, -sealedEnding.length) : name)
  const steps = [await storage.get(name, signal), stored.stream, unseal, unpack, plain.stream]
  const poured = pipeline(
    steps.filter((step) => step !== null),
    { signal },
  )
  poured.catch(() => {})
  try {
    for await (const part of plain.stream) yield part as Buffer
    await poured
  } catch (error) {
    throw await poured.then(
      () => inWords(name, error, signal),
      (reason: unknown) => inWords(name, reason, signal),
    )
  }
  compare(name, 'stored', stored.found(), { bytes: wanted.storedBytes, sha256: wanted.storedSha256 })
  compare(name, 'unpacked', plain.found(), wanted)
}

function compare(
  name: string,
  state: string,
  came: { bytes: number; sha256: string },
  wanted: { bytes?: number | undefined; sha256?: string | undefined },
): void {
  const [bytes, sha256] = [wanted.bytes ?? came.bytes, wanted.sha256 ?? came.sha256]
  if (bytes === came.bytes && sha256 === came.sha256) return
  throw failed('storage-damaged', `${name} is damaged: it is not what was written`, {
    wanted: `${bytes} bytes ${state}, SHA-256 ${sha256}`,
    came: `${came.bytes} bytes, SHA-256 ${came.sha256}`,
    next: 'Restore from another backup, and look at the disk that it lies on.',
  })
}

function inWords(name: string, error: unknown, signal: AbortSignal): unknown {
  if (error instanceof ShipmateError || signal.aborted) return error
  const { code = '', message = String(error) } = error as { code?: string; message?: string }
  // zlib's own words for bytes that no packer wrote, and for an end too early.
  if (!/^Z_|^ERR_|^ZSTD/.test(code) && !/unexpected end|incorrect|invalid/i.test(message)) return error
  return failed('storage-damaged', `${name} is damaged: ${message}`, {
    wanted: 'the bytes that were written',
    came: message,
    next: 'Restore from another backup, and look at the disk that it lies on.',
    cause: error,
  })
}

const noKey = (name: string) =>
  failed('seal-no-key', `${name} is encrypted, and no key is set up`, {
    wanted: 'encryption.secret of the storage in the operator’s file',
    came: 'nothing',
    next: 'Name the secret that was set when the backup was taken.',
  })

/** Lets everything through and knows afterwards how much it was. */
function measure(hashing: boolean): { stream: Transform; found(): { bytes: number; sha256: string } } {
  const hash = hashing ? createHash('sha256') : null
  let bytes = 0
  let sha256 = ''
  const stream = new Transform({
    highWaterMark: 256 * 1024,
    transform(chunk: Buffer, _encoding, done) {
      hash?.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  return {
    stream,
    found() {
      sha256 ||= hash?.digest('hex') ?? ''
      return { bytes, sha256 }
    },
  }
}
