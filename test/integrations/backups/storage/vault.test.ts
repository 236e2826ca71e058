import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll, describe, expect, test } from 'vitest'
import { createLocalStorage } from '../../../../src/integrations/backups/storage/local.js'
import { sealingWith } from '../../../../src/integrations/backups/storage/sealing.js'
import type { Storage } from '../../../../src/integrations/backups/storage/storage.js'
import { createVault } from '../../../../src/integrations/backups/storage/vault.js'

const folder = mkdtempSync(join(tmpdir(), 'shipmate-vault-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const signal = new AbortController().signal
const local = createLocalStorage({ kind: 'local', path: folder })
const sealing = sealingWith('a secret of more than sixteen')
const chunk = 64 * 1024

const sealedBytes = (name: string, data: Buffer) => buffer(Readable.from([data]).pipe(sealing.seal(name)))
const opened = (name: string, data: Buffer, by = sealing) => {
  const unseal = by.unseal(name)
  const source = Readable.from([data])
  source.pipe(unseal)
  return buffer(unseal)
}

describe('a sealed file', () => {
  test.each([0, 1, chunk - 1, chunk, chunk + 1, 3 * chunk])('of %i bytes opens to what it was', async (size) => {
    const data = randomBytes(size)
    expect((await opened('x', await sealedBytes('x', data))).equals(data)).toBe(true)
  })

  test('holds nothing that can be read, and is another one each time', async () => {
    const data = Buffer.alloc(1000, 'readable')
    const [one, other] = [await sealedBytes('x', data), await sealedBytes('x', data)]
    expect(one.includes('readable')).toBe(false)
    expect(one.equals(other)).toBe(false)
  })

  const damages: [string, (sealed: Buffer) => Buffer][] = [
    ['a changed byte', (sealed) => flipped(sealed, 64 + chunk + 100)],
    ['a changed tag', (sealed) => flipped(sealed, sealed.length - 1)],
    ['a changed header', (sealed) => flipped(sealed, 20)],
    ['an end cut off within a chunk', (sealed) => sealed.subarray(0, sealed.length - 100)],
    ['an end cut off after a chunk', (sealed) => sealed.subarray(0, 64 + 2 * (chunk + 16))],
    ['only its header', (sealed) => sealed.subarray(0, 64)],
    ['nothing at all', (sealed) => sealed.subarray(0, 0)],
    ['two chunks in the other order', (sealed) => swapped(sealed)],
    ['something added', (sealed) => Buffer.concat([sealed, Buffer.alloc(10)])],
  ]
  test.each(damages)('with %s is damaged', async (_what, damage) => {
    const sealed = await sealedBytes('x', randomBytes(3 * chunk + 50))
    await expect(opened('x', damage(sealed))).rejects.toMatchObject({ code: 'storage-damaged' })
  })

  test('under the name of another is damaged', async () => {
    await expect(opened('y', await sealedBytes('x', randomBytes(10)))).rejects.toMatchObject({
      code: 'storage-damaged',
    })
  })

  test('with another key is not damaged: the key is wrong, and it says which is wanted', async () => {
    const wrong = sealingWith('another secret, also long')
    const no = opened('x', await sealedBytes('x', randomBytes(10)), wrong)
    await expect(no).rejects.toMatchObject({ code: 'seal-wrong-key', wanted: expect.stringMatching(/[0-9a-f]{16}/) })
  })

  test('needs a secret that cannot be guessed', () => {
    expect(() => sealingWith('short')).toThrow(expect.objectContaining({ code: 'seal-secret-short' }))
  })
})

const once = async function* (data: Buffer) {
  yield data
}

describe('a vault', () => {
  test('whose storage refuses before it reads says why, and nothing else breaks', async () => {
    const file = join(folder, 'no-folder')
    writeFileSync(file, '')
    const vault = createVault(createLocalStorage({ kind: 'local', path: file }), 'auto', null)
    for (let round = 0; round < 20; round++)
      await expect(vault.keep('shop/x', Readable.from([Buffer.from('is it there?')]), signal)).rejects.toMatchObject({
        code: 'storage-unusable',
      })
  })

  test('packs and seals, and tells both sizes and digests', async () => {
    const vault = createVault(local, 'gzip', sealing)
    const kept = await vault.keep('text', once(Buffer.alloc(500_000, 'abc')), signal)
    expect(kept).toMatchObject({ name: 'text.gz.sealed', bytes: 500_000 })
    expect(kept.storedBytes).toBeLessThan(10_000)
    expect((await vault.read(kept, signal)).equals(Buffer.alloc(500_000, 'abc'))).toBe(true)
  })

  test('reads what was kept before encryption was set up, and says that a key is wanted where there is none', async () => {
    const [before, after] = [createVault(local, 'gzip', null), createVault(local, 'none', sealing)]
    const [old, sealed] = [
      await before.keep('old', once(Buffer.from('old')), signal),
      await after.keep('new', once(Buffer.from('new')), signal),
    ]
    expect(String(await after.read(old, signal))).toBe('old')
    await expect(before.read(sealed, signal)).rejects.toMatchObject({ code: 'seal-no-key' })
  })

  test.each(['gzip', 'none'] as const)(
    'notices one other byte in what is packed with %s and not sealed',
    async (how) => {
      const vault = createVault(local, how, null)
      const kept = await vault.keep(`plain-${how}`, once(randomBytes(100_000)), signal)
      const file = join(folder, kept.name)
      writeFileSync(file, flipped(readFileSync(file), 50_000))
      await expect(vault.read(kept, signal)).rejects.toMatchObject({ code: 'storage-damaged' })
    },
  )

  test('does not count what the storage took and does not give back as it was', async () => {
    const lying: Storage = {
      ...local,
      put: (name, data, given) =>
        local.put(name, data, given).then((written) => ({ ...written, bytes: written.bytes + 1 })),
    }
    const kept = createVault(lying, 'none', null).keep('lost', once(Buffer.from('bytes')), signal)
    await expect(kept).rejects.toMatchObject({ code: 'storage-lost-bytes' })
    expect(await local.list('lost', signal)).toEqual([])
  })

  test('tells why its source broke, and leaves nothing', async () => {
    async function* broken() {
      yield Buffer.alloc(300_000)
      throw new Error('the server went away')
    }
    const vault = createVault(local, 'gzip', sealing)
    await expect(vault.keep('broken', broken(), signal)).rejects.toThrow('the server went away')
    expect(await local.list('broken', signal)).toEqual([])
  })
})

function flipped(data: Buffer, at: number): Buffer {
  const copy = Buffer.from(data)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

function swapped(sealed: Buffer): Buffer {
  const piece = (at: number) => sealed.subarray(64 + at * (chunk + 16), 64 + (at + 1) * (chunk + 16))
  return Buffer.concat([sealed.subarray(0, 64), piece(1), piece(0), sealed.subarray(64 + 2 * (chunk + 16))])
}
