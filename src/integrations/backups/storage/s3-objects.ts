import type { Readable } from 'node:stream'
import { GetObjectCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3'
import { clientOf, inWords } from './s3.js'
import type { S3Settings } from './s3-settings.js'
import { missing } from './storage.js'

/** `etag` without quotes: the MD5 of what was not uploaded in parts. */
export type BucketObject = { key: string; bytes: number; etag: string; at: Date }

/** What others have put into a bucket, under whatever names; only read. */
export type ObjectReader = {
  name: string
  /** `most`: no further page is asked for when there are so many. Names that end with a slash are folders of some program's, and left out. */
  list(signal: AbortSignal, most?: number): Promise<BucketObject[]>
  get(key: string, signal: AbortSignal): Promise<Readable>
}

export async function createObjectReader(
  settings: S3Settings,
  secret: (reference: string) => Promise<string>,
): Promise<ObjectReader> {
  const client = await clientOf(settings, secret)
  const { bucket: Bucket, prefix: Prefix } = settings
  const name = `the bucket ${Bucket}`
  return {
    name,
    async list(signal, most = Number.POSITIVE_INFINITY) {
      const found: BucketObject[] = []
      const asked = { Bucket, Prefix }
      try {
        for await (const { Contents = [] } of paginateListObjectsV2({ client }, asked, { abortSignal: signal })) {
          for (const { Key = '', Size = 0, ETag = '', LastModified = new Date(0) } of Contents)
            if (!Key.endsWith('/'))
              found.push({ key: Key, bytes: Size, etag: ETag.replaceAll('"', ''), at: LastModified })
          if (found.length >= most) break
        }
      } catch (thrown) {
        signal.throwIfAborted()
        throw inWords(name, Prefix, thrown)
      }
      return found
    },
    async get(Key, signal) {
      try {
        const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }), { abortSignal: signal })
        if (Body) return Body as Readable
      } catch (thrown) {
        signal.throwIfAborted()
        throw inWords(name, Key, thrown)
      }
      throw missing(name, Key)
    },
  }
}
