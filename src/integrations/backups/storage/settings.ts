import { z } from 'zod'
import { createLocalStorage, localSettings } from './local.js'
import { compressions } from './packing.js'
import { type S3Settings, s3Settings } from './s3-settings.js'
import { sealingWith } from './sealing.js'
import { type Storage, within } from './storage.js'
import { createVault, type Vault } from './vault.js'

/** The `storage` of a database’s backups in the operator’s file. */
export const storageSettings = z.strictObject({
  at: z.discriminatedUnion('kind', [localSettings, s3Settings]),
  compression: compressions.default('auto'),
  /** A reference to at least 16 characters; null leaves the backups readable for whoever reads the storage. */
  encryption: z
    .strictObject({ secret: z.string().regex(/^(env|file):.+/, 'must be env:NAME or file:PATH') })
    .nullable()
    .default(null),
})
export type StorageSettings = z.infer<typeof storageSettings>

/** Where the backups of one database are kept; `folder` is its own in the storage. */
export async function openVault(
  settings: StorageSettings,
  folder: string,
  secret: (reference: string) => Promise<string>,
): Promise<Vault> {
  const { at, compression, encryption } = settings
  const storage = at.kind === 's3' ? await openBucket(at, secret) : createLocalStorage(at)
  const sealing = encryption ? sealingWith(await secret(encryption.secret)) : null
  return createVault(within(storage, folder), compression, sealing)
}

/** Loaded for those who use it: the vendor's library takes a tenth of a whole start. */
export async function openBucket(
  settings: S3Settings,
  secret: (reference: string) => Promise<string>,
): Promise<Storage> {
  const { createS3Storage } = await import('./s3.js')
  return createS3Storage(settings, secret)
}
