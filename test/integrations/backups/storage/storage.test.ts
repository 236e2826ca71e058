import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import S3rver from 's3rver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLocalStorage } from '../../../../src/integrations/backups/storage/local.js'
import { createS3Storage } from '../../../../src/integrations/backups/storage/s3.js'
import { type S3Settings, s3Settings } from '../../../../src/integrations/backups/storage/s3-settings.js'
import { type Storage, sizeOf, within } from '../../../../src/integrations/backups/storage/storage.js'

const folder = mkdtempSync(join(tmpdir(), 'shipmate-storage-'))
const signal = new AbortController().signal
const secret = async () => 'S3RVER'
const server = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory: join(folder, 's3'),
  configureBuckets: [{ name: 'backups', configs: [] }],
})
let settings: S3Settings
const made: { [kind: string]: Storage } = {}

beforeAll(async () => {
  const { port } = await server.run()
  settings = s3Settings.parse({
    kind: 's3',
    bucket: 'backups',
    endpoint: `http://127.0.0.1:${port}`,
    accessKeyId: 'env:ID',
    secretAccessKey: 'env:KEY',
    partBytes: 5 * 1024 * 1024,
  })
  made.folder = createLocalStorage({ kind: 'local', path: join(folder, 'local') })
  made.bucket = await createS3Storage(settings, secret)
})

afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const storageOf = (kind: string): Storage => {
  const storage = made[kind]
  if (!storage) throw new Error(`no ${kind}`)
  return storage
}
const put = (storage: Storage, name: string, data: string | Buffer) =>
  storage.put(name, Readable.from([Buffer.from(data)]), signal)

// The bucket is served by s3rver, a small S3 server from npm, over loopback.
describe.each(['folder', 'bucket'])('a %s', (kind) => {
  test('gives back what was put, tells its size and lists it by name', async () => {
    const storage = storageOf(kind)
    expect(await put(storage, 'a/two', 'second')).toMatchObject({ bytes: 6 })
    await put(storage, 'a/one', 'first')
    await put(storage, 'b/three', 'third')
    expect(await text(await storage.get('a/one', signal))).toBe('first')
    expect((await storage.list('a/', signal)).map(({ name, bytes }) => [name, bytes])).toEqual([
      ['a/one', 5],
      ['a/two', 6],
    ])
    expect(await sizeOf(storage, 'b/three', signal)).toBe(5)
    expect(await sizeOf(storage, 'b/th', signal)).toBeNull()
    expect((await within(storage, 'a').list('', signal)).map(({ name }) => name)).toEqual(['one', 'two'])
  })

  test('writes over nothing', async () => {
    const storage = storageOf(kind)
    await put(storage, 'once', 'first')
    await expect(put(storage, 'once', 'second')).rejects.toMatchObject({ code: 'storage-taken' })
    expect(await text(await storage.get('once', signal))).toBe('first')
  })

  test('keeps a file of many parts byte for byte', async () => {
    const storage = storageOf(kind)
    const data = randomBytes(12 * 1024 * 1024)
    await put(storage, 'large', data)
    const parts: Buffer[] = []
    for await (const part of await storage.get('large', signal)) parts.push(part as Buffer)
    expect(Buffer.concat(parts).equals(data)).toBe(true)
  })

  test('what breaks off before its end does not stand, and leaves nothing', async () => {
    const storage = storageOf(kind)
    async function* broken() {
      yield randomBytes(6 * 1024 * 1024)
      throw new Error('the source broke')
    }
    await expect(storage.put('half', Readable.from(broken()), signal)).rejects.toThrow('the source broke')
    expect(await storage.list('half', signal)).toEqual([])
    expect(await storage.sweep('', new Date(Date.now() + 60_000), signal)).toEqual([])
  })

  test('what is not there is missing; removing it is no error', async () => {
    const storage = storageOf(kind)
    await put(storage, 'gone', 'x')
    await storage.remove('gone', signal)
    await storage.remove('gone', signal)
    await expect(storage.get('gone', signal)).rejects.toMatchObject({ code: 'storage-missing' })
  })

  test.each(['../out', '/root', 'a//b', 'a/../b', '.hidden', ''])('the name %j leads nowhere', async (name) => {
    await expect(put(storageOf(kind), name, 'x')).rejects.toMatchObject({ code: 'storage-name' })
  })
})

test('a folder sweeps away what a killed process left half, and only what nobody writes to any more', async () => {
  const storage = storageOf('folder')
  let go = () => {}
  async function* slow() {
    yield Buffer.from('begun')
    await new Promise<void>((resolve) => {
      go = resolve
    })
  }
  const writing = storage.put('slow/file', Readable.from(slow()), signal)
  await expect.poll(() => readdirSync(join(folder, 'local', 'slow'))).toHaveLength(1)
  expect(await storage.list('slow/', signal)).toEqual([])
  expect(await storage.sweep('slow/', new Date(Date.now() - 60_000), signal)).toEqual([])
  expect(await storage.sweep('slow/', new Date(Date.now() + 60_000), signal)).toHaveLength(1)
  go()
  await expect(writing).rejects.toMatchObject({ code: 'storage-missing' })
})

test('a service that cannot be reached, one without room and wrong keys are told apart', async () => {
  // An S3 error is XML with a code; these come from a server of ours that answers as Amazon documents it.
  let answer = { status: 403, code: 'SignatureDoesNotMatch' }
  const door = createServer((_request, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/xml' })
    response.end(`<?xml version="1.0"?><Error><Code>${answer.code}</Code><Message>no</Message></Error>`)
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  const { port } = door.address() as { port: number }
  const storage = await createS3Storage({ ...settings, endpoint: `http://127.0.0.1:${port}` }, secret)
  await expect(storage.list('', signal)).rejects.toMatchObject({ code: 'storage-unauthorized' })
  answer = { status: 400, code: 'XMinioStorageFull' }
  await expect(storage.list('', signal)).rejects.toMatchObject({ code: 'storage-full' })
  answer = { status: 404, code: 'NoSuchBucket' }
  await expect(storage.list('', signal)).rejects.toMatchObject({ code: 'storage-unusable' })
  await new Promise((resolve) => door.close(resolve))
  await expect(storage.list('', signal)).rejects.toMatchObject({ code: 'storage-unreachable', transient: true })
}, 60_000)
