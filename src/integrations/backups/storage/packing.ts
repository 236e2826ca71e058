import type { Duplex, Transform } from 'node:stream'
import zlib from 'node:zlib'
import { z } from 'zod'
import { failed } from '../../../errors.js'

/** `auto` is the fastest that this Node.js has: zstd from 22.15 on, gzip before. */
export const compressions = z.enum(['auto', 'zstd', 'gzip', 'none'])
export type Compression = z.infer<typeof compressions>

// The types of Node.js 20 do not know it yet.
const { createZstdCompress, createZstdDecompress } = zlib as {
  createZstdCompress?: () => Duplex
  createZstdDecompress?: () => Duplex
}

/** What packs, and the ending that names of packed files carry. */
export function packing(wanted: Compression): { ending: string; pack(): Duplex | Transform | null } {
  if (wanted === 'none') return { ending: '', pack: () => null }
  if (wanted !== 'gzip' && createZstdCompress) return { ending: '.zst', pack: createZstdCompress }
  if (wanted === 'zstd') throw noZstd()
  // The first level packs WAL and tables to a third at several times the speed of the usual one.
  return { ending: '.gz', pack: () => zlib.createGzip({ level: 1, chunkSize: 128 * 1024 }) }
}

/** What unpacks a file of that name; null when it is not packed. */
export function unpacking(name: string): Duplex | Transform | null {
  if (name.endsWith('.gz')) return zlib.createGunzip({ chunkSize: 128 * 1024 })
  if (!name.endsWith('.zst')) return null
  if (!createZstdDecompress) throw noZstd()
  return createZstdDecompress()
}

const noZstd = () =>
  failed('zstd-missing', 'this Node.js cannot compress with zstd', {
    wanted: 'Node.js 22.15 or newer',
    came: process.version,
    next: 'Start Shipmate with a newer Node.js, or set compression: gzip.',
  })
