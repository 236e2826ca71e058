import { type FileHandle, open } from 'node:fs/promises'
import { failed } from '../../../errors.js'
import type { TarEntry } from './tar.js'

const magic = 0xd3ae1f0d
const blockBytes = 8192
const incremental = 'INCREMENTAL.'

/** Where the pages of an incremental file belong: `base/5/INCREMENTAL.1259` → `base/5/1259`; null for a whole file. */
export function wholePath(path: string): string | null {
  const slash = path.lastIndexOf('/') + 1
  return path.startsWith(incremental, slash) ? path.slice(0, slash) + path.slice(slash + incremental.length) : null
}

/**
 * Lays the pages of an incremental file over the file as the backup before had it. The file begins with its magic number,
 * how many pages follow, the length below which older pages may still be used, and the numbers of the pages; pages begin at
 * a multiple of the page size. Whatever is neither old nor in it is zero, as pg_combinebackup has it
 * (src/bin/pg_combinebackup/reconstruct.c).
 */
export async function layOver(target: string, entry: Pick<TarEntry, 'name' | 'body'>): Promise<void> {
  const input = wordsOf(entry)
  const handle = await opened(target, entry.name)
  try {
    const header = await input.exactly(12)
    if (header.readUInt32LE(0) !== magic) throw broken(entry.name, 'it does not begin as an incremental file does')
    const [count, usable] = [header.readUInt32LE(4), header.readUInt32LE(8)]
    if (count > 131_072) throw broken(entry.name, `it claims to have ${count} pages`)
    const numbers = await input.exactly(count * 4)
    const headerBytes = 12 + count * 4
    if (count > 0) await input.exactly((blockBytes - (headerBytes % blockBytes)) % blockBytes)
    let length = usable
    // Cut first: what an older page held beyond must not show through.
    const before = (await handle.stat()).size
    if (before > usable * blockBytes) await handle.truncate(usable * blockBytes)
    for (let at = 0; at < count; at++) {
      const number = numbers.readUInt32LE(at * 4)
      await write(handle, await input.exactly(blockBytes), number * blockBytes)
      length = Math.max(length, number + 1)
    }
    await handle.truncate(length * blockBytes)
  } finally {
    await handle.close()
  }
}

async function opened(target: string, name: string): Promise<FileHandle> {
  try {
    return await open(target, 'r+')
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error
    throw broken(name, 'the backup before has no such file')
  }
}

export async function write(handle: FileHandle, data: Buffer, at: number): Promise<void> {
  for (let written = 0; written < data.length; ) {
    const { bytesWritten } = await handle.write(data, written, data.length - written, at + written)
    written += bytesWritten
  }
}

/** The label of the last backup, as if it were a full one. */
export const wholeLabel = (label: string): string =>
  label
    .split('\n')
    .filter((line) => !/^INCREMENTAL FROM (LSN|TLI):/.test(line))
    .join('\n')

function wordsOf({ name, body }: Pick<TarEntry, 'name' | 'body'>) {
  const iterator = body[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)
  return {
    async exactly(bytes: number): Promise<Buffer> {
      const parts: Buffer[] = []
      for (let have = 0; have < bytes; ) {
        if (held.length === 0) {
          const { value, done } = await iterator.next()
          if (done) throw broken(name, 'it ends too early')
          held = value
        }
        const part = held.subarray(0, bytes - have)
        held = held.subarray(part.length)
        have += part.length
        parts.push(part)
      }
      return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    },
  }
}

const broken = (name: string, how: string) =>
  failed('backup-file-damaged', `the incremental file ${name} cannot be used: ${how}`, {
    came: how,
    next: 'Verify the chain of this backup, and restore from another one.',
  })
