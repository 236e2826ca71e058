import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import S3rver from 's3rver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isSound } from '../../../../src/backups/backup.js'
import { createBucketSource, placeOf } from '../../../../src/integrations/backups/restic/sources/bucket.js'
import type { Bucket } from '../../../../src/releases/backups/files-policy.js'
import { contextFor } from '../../../support/backups/engine-rig.js'
import { flip, largestFirst } from '../../../support/backups/planted.js'
import { type ResticSet, resticSet } from '../../../support/backups/restic-set.js'
import { signedChunksDoor } from '../../../support/backups/signed-chunks.js'
import { requirePart } from '../../../support/parts.js'

const program = requirePart('restic')
const folder = mkdtempSync(join(tmpdir(), 'shipmate-bucket-'))
const server = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory: folder,
  configureBuckets: [
    { name: 'uploads', configs: [] },
    { name: 'backups', configs: [] },
  ],
})
const keys = { accessKey: 'env:S3_ID', secretKey: 'env:S3_KEY' }
let set: ResticSet
let client: S3Client
let door: Awaited<ReturnType<typeof signedChunksDoor>>
let at: (bucket: string, prefix?: string) => Bucket

const put = (Key: string, Body: Buffer) => client.send(new PutObjectCommand({ Bucket: 'uploads', Key, Body }))

// Both buckets are served by s3rver, a small S3 server from npm, over loopback.
describe.skipIf(!program)('a bucket of uploads, stored by restic in another bucket', () => {
  beforeAll(async () => {
    const { port } = await server.run()
    door = await signedChunksDoor(port)
    const endpoint = `http://127.0.0.1:${door.port}`
    client = new S3Client({
      ...{ endpoint, region: 'us-east-1', forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' },
      credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    })
    at = (bucket, prefix = '') => ({
      ...{ bucket, region: 'us-east-1', endpoint, prefix, pathStyle: true },
      ...keys,
    })
    set = resticSet(
      'uploads',
      ({ work }) => createBucketSource({ from: at('uploads'), secret: async () => 'S3RVER', work }),
      () => ({ repository: { kind: 's3', ...at('backups', 'shop') }, sample: 12 }),
    )
    for (let n = 0; n < 20; n++) await put(`people/${n}/photo ünd [${n}].jpg`, randomBytes(10_000))
    await put('100%.txt', Buffer.from('a name that is written otherwise'))
  })
  afterAll(async () => {
    set.close()
    client.destroy()
    await door.close()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('is stored whole, read back, and objects chosen at random come back as they were', async () => {
    const { summary } = await set.engine.ready(contextFor())
    expect(summary).toContain('the first backup makes its repository in the bucket backups')
    const taken = await set.take()
    expect(taken.databaseBytes).toBe(20 * 10_000 + 32)
    expect(isSound(await set.engine.verify(taken.label, contextFor()))).toBe(true)
    expect(isSound(await set.engine.verify(null, contextFor()))).toBe(true)
    const found = await set.rehearse()
    expect(found).toMatchObject({ files: 21, looked: 12, problems: [] })
    expect(found.holds).toEqual([
      {
        name: 'what the bucket uploads lists is stored',
        holds: true,
        came: 'all 21 objects that are in it since before',
      },
    ])
    const held = await set.engine.holding(contextFor())
    expect(held).toMatchObject({ backups: [taken], freeBytes: null })
    expect(held.storedBytes).toBeGreaterThan(200_000)
  }, 240_000)

  test('what came and went in the bucket comes and goes in the next backup; the rest is not fetched again', async () => {
    await put('people/20/new.jpg', randomBytes(10_000))
    await client.send(new DeleteObjectCommand({ Bucket: 'uploads', Key: '100%.txt' }))
    const taken = await set.take()
    expect(taken.databaseBytes).toBe(21 * 10_000)
    expect(taken.storedBytes).toBeLessThan(60_000)
    expect((await set.rehearse()).files).toBe(21)
  }, 240_000)

  test('a file of the copy that was lost on this machine is fetched again', async () => {
    const copy = join(set.work, 'bucket', 'people')
    const [one = ''] = readdirSync(copy)
    rmSync(join(copy, one), { recursive: true })
    expect((await set.take()).databaseBytes).toBe(21 * 10_000)
  }, 240_000)

  test('an object that the bucket had before and the backup has not is told in a drill', async () => {
    const restored = { to: (path: string) => path, begunAt: new Date(Date.now() + 60_000), paths: ['/w/bucket/one'] }
    const source = createBucketSource({ from: at('uploads'), secret: async () => 'S3RVER', work: set.work })
    const [held] = await source.look(restored, contextFor())
    expect(held).toMatchObject({
      holds: false,
      came: expect.stringMatching(/^21 of 21 objects are not in the backup: /),
    })
  })

  test('a byte that flipped in the bucket of backups is found', async () => {
    const packs = largestFirst(folder).filter((path) => path.includes('/backups/') && path.includes('data'))
    const heal = await flip(packs[0] ?? '')
    const found = await set.engine.verify(null, contextFor())
    await heal()
    expect(isSound(found)).toBe(false)
  }, 240_000)
})

test('every name of an object is a name of a file below the copy, and no two are the same', () => {
  expect(['a/b', '../x', 'a//b', 'a/./b', '100%', '%2e2e'].map(placeOf)).toEqual([
    'a/b',
    '%2e2e/x',
    'a/%/b',
    'a/%2e/b',
    '%31303025',
    '%2532653265',
  ])
})
