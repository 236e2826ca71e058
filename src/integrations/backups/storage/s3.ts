import { createHash } from 'node:crypto'
import { type Readable, Transform } from 'node:stream'
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { failed, ShipmateError, timedOut } from '../../../errors.js'
import type { S3Settings } from './s3-settings.js'
import { checkedName, full, missing, type Storage, type Stored, taken, unusable } from './storage.js'

/** A bucket of Amazon's or of anything that speaks the same. An object appears when its last part is there. */
export async function createS3Storage(
  settings: S3Settings,
  secret: (reference: string) => Promise<string>,
): Promise<Storage> {
  const client = await clientOf(settings, secret)
  const { bucket: Bucket, prefix } = settings
  const name = `the bucket ${Bucket}`
  const start = prefix ? `${prefix.replace(/^\/+|\/+$/g, '')}/` : ''
  const keyOf = (file: string) => `${start}${checkedName(file)}`
  const said = <T>(file: string, asked: Promise<T>): Promise<T> =>
    asked.catch((error: unknown) => {
      throw inWords(name, file, error)
    })
  return {
    name,
    async put(file, data, signal) {
      const Key = keyOf(file)
      if (await stands(client, { Bucket, Key }, signal).catch((error) => Promise.reject(inWords(name, file, error))))
        throw taken(name, file)
      return said(file, uploaded(client, { Bucket, Key, partSize: settings.partBytes }, data, signal))
    },
    async get(file, signal) {
      const command = new GetObjectCommand({ Bucket, Key: keyOf(file) })
      const { Body } = await said(file, client.send(command, { abortSignal: signal }))
      if (!Body) throw missing(name, file)
      return Body as Readable
    },
    async list(under, signal) {
      const found: Stored[] = []
      const pages = paginateListObjectsV2({ client }, { Bucket, Prefix: `${start}${under}` }, { abortSignal: signal })
      const read = async () => {
        for await (const { Contents = [] } of pages)
          for (const { Key = '', Size = 0, LastModified } of Contents)
            found.push({ name: Key.slice(start.length), bytes: Size, at: LastModified ?? new Date(0) })
      }
      await said(under, read())
      return found.sort((one, other) => (one.name < other.name ? -1 : 1))
    },
    async remove(file, signal) {
      await said(file, client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(file) }), { abortSignal: signal }))
    },
    sweep: (under, since, signal) => said(under, abandoned(client, { Bucket, start, under, since }, signal)),
    freeBytes: async () => null,
  }
}

export async function clientOf(
  settings: S3Settings,
  secret: (reference: string) => Promise<string>,
): Promise<S3Client> {
  const { endpoint, region, pathStyle } = settings
  const [accessKeyId, secretAccessKey] = await Promise.all([
    secret(settings.accessKeyId),
    secret(settings.secretAccessKey),
  ])
  return new S3Client({
    region,
    forcePathStyle: pathStyle,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 10_000, requestTimeout: 60_000 },
    // Ours are compared by reading back; many services do not know the newer ones in trailers.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint !== null && { endpoint }),
  })
}

type Place = { Bucket: string; Key: string }

const stands = (client: S3Client, place: Place, signal: AbortSignal): Promise<boolean> =>
  client.send(new HeadObjectCommand(place), { abortSignal: signal }).then(
    () => true,
    (error: unknown) => {
      if (statusOf(error) === 404) return false
      throw error
    },
  )

async function uploaded(
  client: S3Client,
  { partSize, ...place }: Place & { partSize: number },
  data: Readable,
  signal: AbortSignal,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256')
  let bytes = 0
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      bytes += chunk.length
      done(null, chunk)
    },
  })
  const upload = new Upload({ client, params: { ...place, Body: counted }, partSize, queueSize: 2 })
  const stop = () => void upload.abort()
  signal.addEventListener('abort', stop)
  // A source that breaks must break the upload too, or half of it would stand as a whole.
  data.once('error', (error) => counted.destroy(error))
  data.once('close', () => !data.readableEnded && counted.destroy(new Error('the source ended early')))
  try {
    signal.throwIfAborted()
    data.pipe(counted)
    await upload.done()
    return { bytes, sha256: hash.digest('hex') }
  } catch (error) {
    data.destroy(error as Error)
    throw error
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

/** Uploads in parts that nobody completed cost money and are in no listing of objects. */
async function abandoned(
  client: S3Client,
  { Bucket, start, under, since }: { Bucket: string; start: string; under: string; since: Date },
  abortSignal: AbortSignal,
): Promise<string[]> {
  const listed = await client
    .send(new ListMultipartUploadsCommand({ Bucket, Prefix: `${start}${under}` }), { abortSignal })
    .catch((error: unknown) => {
      // Not every service can tell.
      if ([400, 404, 405, 501].includes(statusOf(error))) return { Uploads: [] }
      throw error
    })
  const left = (listed.Uploads ?? []).filter(({ Initiated }) => Initiated === undefined || Initiated <= since)
  for (const { Key, UploadId } of left)
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }), { abortSignal })
  return left.map(({ Key = '' }) => Key.slice(start.length))
}

const statusOf = (error: unknown): number =>
  (error as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode ?? 0

export function inWords(storage: string, file: string, error: unknown): unknown {
  if (error instanceof ShipmateError) return error
  const { name = '', code = '', message = '' } = error as { name?: string; code?: string; message?: string }
  const status = statusOf(error)
  if (name === 'NoSuchKey' || (status === 404 && name !== 'NoSuchBucket')) return missing(storage, file, error)
  if (name === 'PreconditionFailed') return taken(storage, file)
  if (/QuotaExceeded|StorageFull|InsufficientStorage/i.test(name) || status === 507) return full(storage, file, error)
  if (status === 401 || status === 403 || /AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch/.test(name))
    return failed('storage-unauthorized', `${storage} does not accept our keys: ${name}`, {
      came: `${name} ${message}`.trim().slice(0, 300),
      next: 'Check accessKeyId and secretAccessKey in the operator’s file, and what they may do with the bucket.',
    })
  if (name === 'TimeoutError')
    return timedOut('storage-slow', `${storage} did not answer in time`, { came: message, transient: true })
  if (status >= 500 || /^E[A-Z]+$/.test(code))
    return failed('storage-unreachable', `${storage} cannot be reached: ${code || `it answered ${status}`}`, {
      came: message.slice(0, 300),
      transient: true,
      next: 'Check the endpoint in the operator’s file and whether the service runs.',
    })
  return status > 0 ? unusable(storage, `it answered ${status} ${name}`, error) : error
}
