import { z } from 'zod'

const reference = z.string().regex(/^(env|file):.+/, 'must be env:NAME or file:PATH')

export const s3Settings = z.strictObject({
  kind: z.literal('s3'),
  bucket: z.string().min(1),
  /** Of a service other than Amazon's: "https://minio.internal:9000". */
  endpoint: z.url().nullable().default(null),
  region: z.string().default('us-east-1'),
  /** Folder in the bucket. */
  prefix: z.string().default(''),
  accessKeyId: reference,
  secretAccessKey: reference,
  /** The bucket in the path, not in the host name; most services but Amazon's want it. */
  pathStyle: z.boolean().default(true),
  /** At most this many bytes lie in memory for one upload, four times over; S3 takes 10,000 parts of a file. */
  partBytes: z
    .int()
    .min(5 * 1024 * 1024)
    .default(16 * 1024 * 1024),
})
export type S3Settings = z.infer<typeof s3Settings>
