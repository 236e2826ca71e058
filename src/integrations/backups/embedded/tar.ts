import { failed } from '../../../errors.js'

/** One entry of a tar file; its body has to be read before the next one comes. */
export type TarEntry = {
  name: string
  kind: 'file' | 'folder' | 'link'
  bytes: number
  /** Where a link leads. */
  target: string
  mode: number
  body: AsyncIterable<Buffer>
}

const block = 512

/** Reads a tar file as PostgreSQL writes it (ustar, sizes beyond 8 GB in binary), part by part. */
export async function* tarEntries(source: AsyncIterable<Buffer>, name: string): AsyncGenerator<TarEntry> {
  const input = partsOf(source)
  try {
    for (;;) {
      const header = await input.exactly(block)
      if (header === null || header.every((byte) => byte === 0)) break
      const entry = tarHeader(header, name)
      let left = entry.bytes
      async function* body(): AsyncGenerator<Buffer> {
        while (left > 0) {
          const part = await input.atMost(left)
          if (part === null) throw cutOff(name, entry.name)
          left -= part.length
          yield part
        }
      }
      yield { ...entry, body: body() }
      for await (const _part of body()) {
        // What nobody read is passed over.
      }
      const padding = (block - (entry.bytes % block)) % block
      if (padding > 0 && (await input.exactly(padding)) === null) throw cutOff(name, entry.name)
    }
    // To the end, so that whoever reads along sees every byte.
    while ((await input.atMost(Number.MAX_SAFE_INTEGER)) !== null) {}
  } finally {
    await input.end()
  }
}

/** What a header of 512 bytes says; throws where it is none. */
export function tarHeader(header: Buffer, archive: string): Omit<TarEntry, 'body'> {
  const text = (from: number, length: number) => {
    const field = header.subarray(from, from + length)
    const end = field.indexOf(0)
    return field.subarray(0, end < 0 ? length : end).toString('utf8')
  }
  const octal = (from: number, length: number) => Number.parseInt(text(from, length).trim() || '0', 8)
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (sum !== octal(148, 8))
    throw failed('backup-file-damaged', `${archive} is no tar file where an entry should begin`)
  const prefix = text(345, 155)
  const large = (header[124] ?? 0) & 0x80
  const kinds: { [type: string]: TarEntry['kind'] } = { '0': 'file', '\0': 'file', '2': 'link', '5': 'folder' }
  const kind = kinds[String.fromCharCode(header[156] ?? 0)]
  if (!kind) throw failed('backup-file-damaged', `${archive} holds an entry of a kind that PostgreSQL does not write`)
  return {
    name: cleanName(prefix ? `${prefix}/${text(0, 100)}` : text(0, 100), archive),
    kind,
    bytes: kind === 'file' ? (large ? Number(header.readBigUInt64BE(128)) : octal(124, 12)) : 0,
    target: text(157, 100),
    mode: octal(100, 8) & 0o777,
  }
}

/** Nothing of an archive may be written anywhere but below its folder. */
function cleanName(name: string, archive: string): string {
  const clean = name.replace(/^(\.\/)+/, '').replace(/\/+$/, '')
  if (clean.startsWith('/') || clean.split('/').includes('..') || clean.includes('\0'))
    throw failed('backup-file-damaged', `${archive} holds a name that leads out of it`, { came: name })
  return clean
}

const cutOff = (archive: string, entry: string) =>
  failed('backup-file-damaged', `${archive} ends in the middle of ${entry}`, {
    next: 'Restore from another backup.',
  })

/** A source cut anew: to exactly so many bytes, or as many as there are. */
function partsOf(source: AsyncIterable<Buffer>) {
  const iterator = source[Symbol.asyncIterator]()
  let held = Buffer.alloc(0)
  const more = async () => {
    while (held.length === 0) {
      const { value, done } = await iterator.next()
      if (done) return false
      held = value as Buffer<ArrayBuffer>
    }
    return true
  }
  const atMost = async (bytes: number): Promise<Buffer | null> => {
    if (!(await more())) return null
    const part = held.subarray(0, bytes)
    held = held.subarray(part.length)
    return part
  }
  return {
    atMost,
    async exactly(bytes: number): Promise<Buffer | null> {
      const first = await atMost(bytes)
      if (first === null || first.length === bytes) return first
      const parts = [first]
      for (let have = first.length; have < bytes; ) {
        const part = await atMost(bytes - have)
        if (part === null) return null
        parts.push(part)
        have += part.length
      }
      return Buffer.concat(parts)
    },
    end: async () => void (await iterator.return?.()),
  }
}
