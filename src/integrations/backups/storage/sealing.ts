import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  scryptSync,
} from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { failed, refused } from '../../../errors.js'

/**
 * Sealed files: AES-256-GCM in chunks, as the STREAM construction has it (Hoang et al. 2015). docs/decisions/0018 has the
 * format and why it is our own. A header of 64 bytes (magic, id of the key, random salt, digest) is followed by chunks of
 * 64 KiB and their tags. Each file has a key of its own, from its salt and its name; the nonce is the number of the chunk and
 * whether it is the last. So bytes that changed, were cut off, moved or belong to another name are all noticed.
 */
export type Sealing = { seal(name: string): Transform; unseal(name: string): Transform }

export const sealedEnding = '.sealed'

const magic = Buffer.from('SHIPSEAL')
const chunkBytes = 64 * 1024
const tagBytes = 16
const headerBytes = 64
const leastSecret = 16

/** Deriving the key from a secret is slow on purpose; it happens once. */
export function sealingWith(secret: string): Sealing {
  if (secret.length < leastSecret)
    throw refused('seal-secret-short', 'The secret that backups are encrypted with is too short.', {
      wanted: `at least ${leastSecret} characters, best 32 random bytes`,
      came: `${secret.length} characters`,
      next: 'Make one: openssl rand -base64 32. Keep a copy where a fire that takes the server does not reach it.',
    })
  const master = scryptSync(secret, 'shipmate backup', 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 })
  const id = createHmac('sha256', master).update('key id').digest().subarray(0, 8)
  const keyOf = (name: string, salt: Buffer) => Buffer.from(hkdfSync('sha256', master, salt, `file ${name}`, 32))
  return {
    seal: (name) => sealed((salt) => keyOf(name, salt), id),
    unseal: (name) => unsealed(name, (salt) => keyOf(name, salt), id),
  }
}

type KeyOf = (salt: Buffer) => Buffer

function sealed(keyOf: KeyOf, id: Buffer): Transform {
  const salt = randomBytes(32)
  const key = keyOf(salt)
  const head = Buffer.concat([magic, id, salt])
  const header = Buffer.concat([head, digest(head)])
  const chunks = inChunks(chunkBytes)
  let count = 0
  const close = (plain: Buffer, last: boolean) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonce(count++, last))
    cipher.setAAD(header)
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
  return new Transform({
    construct(done) {
      this.push(header)
      done()
    },
    transform(data: Buffer, _encoding, done) {
      for (const plain of chunks.add(data)) this.push(close(plain, false))
      done()
    },
    flush(done) {
      done(null, close(chunks.rest(), true))
    },
  })
}

function unsealed(name: string, keyOf: KeyOf, id: Buffer): Transform {
  let header: Buffer | null = null
  let begun: Buffer = Buffer.alloc(0)
  let key: Buffer = Buffer.alloc(0)
  let count = 0
  const chunks = inChunks(chunkBytes + tagBytes)
  const opened = (sealedChunk: Buffer, last: boolean) => {
    const place = `at byte ${count * chunkBytes}`
    if (sealedChunk.length < tagBytes) throw damaged(name, `cut off ${place}`)
    const decipher = createDecipheriv('aes-256-gcm', key, nonce(count++, last))
    decipher.setAAD(header ?? Buffer.alloc(0))
    decipher.setAuthTag(sealedChunk.subarray(-tagBytes))
    const plain = decipher.update(sealedChunk.subarray(0, -tagBytes))
    try {
      decipher.final()
    } catch {
      throw damaged(name, last ? `changed or cut off ${place}` : `changed ${place}`)
    }
    return plain
  }
  const attempt = (done: TransformCallback, work: () => void) => {
    try {
      work()
      done()
    } catch (error) {
      done(error as Error)
    }
  }
  return new Transform({
    transform(data: Buffer, _encoding, done) {
      attempt(done, () => {
        let body: Buffer = data
        if (!header) {
          begun = Buffer.concat([begun, data])
          if (begun.length < headerBytes) return
          header = checkedHeader(name, begun.subarray(0, headerBytes), id)
          key = keyOf(header.subarray(16, 48))
          body = begun.subarray(headerBytes)
        }
        for (const chunk of chunks.add(body)) this.push(opened(chunk, false))
      })
    },
    flush(done) {
      attempt(done, () => {
        if (!header) throw damaged(name, 'cut off in its header')
        this.push(opened(chunks.rest(), true))
      })
    },
  })
}

const digest = (head: Buffer) => createHash('sha256').update(head).digest().subarray(0, 16)

/** The digest of the header tells a wrong key, whose id is another, from a header that was damaged. */
function checkedHeader(name: string, header: Buffer, id: Buffer): Buffer {
  const head = header.subarray(0, 48)
  if (!head.subarray(0, 8).equals(magic)) throw damaged(name, 'it does not begin as a sealed file does')
  if (!digest(head).equals(header.subarray(48))) throw damaged(name, 'changed in its header')
  if (head.subarray(8, 16).equals(id)) return header
  throw failed('seal-wrong-key', `${name} was encrypted with another key`, {
    wanted: `the key with the id ${head.subarray(8, 16).toString('hex')}`,
    came: `the key with the id ${id.toString('hex')}`,
    next: 'Give the secret that was set when the backup was taken. The file itself is not damaged.',
  })
}

function nonce(count: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt32BE(count, 7)
  bytes[11] = last ? 1 : 0
  return bytes
}

/** Cuts what comes into pieces of one size; the last one, however short or empty, is the rest. */
function inChunks(size: number) {
  let held: Buffer[] = []
  let bytes = 0
  return {
    // One byte more than a piece has to be there: only the rest may be the last one.
    *add(data: Buffer): Generator<Buffer> {
      held.push(data)
      bytes += data.length
      if (bytes <= size) return
      const all = held.length === 1 ? data : Buffer.concat(held, bytes)
      let at = 0
      for (; all.length - at > size; at += size) yield all.subarray(at, at + size)
      held = [all.subarray(at)]
      bytes = all.length - at
    },
    rest: () => Buffer.concat(held, bytes),
  }
}

const damaged = (name: string, how: string) =>
  failed('storage-damaged', `${name} is damaged: ${how}`, {
    wanted: 'the bytes that were written',
    came: how,
    next: 'Restore from another backup, and look at the disk that it lies on.',
  })
