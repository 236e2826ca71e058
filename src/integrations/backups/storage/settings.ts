import { z } from 'zod'
import { createLocalStorage, localSettings } from './local.js'
import { compressions } from './packing.js'
import { createS3Storage, s3Settings } from './s3.js'
import { sealingWith } from './sealing.js'
import { within } from './storage.js'
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
  const storage = at.kind === 's3' ? await createS3Storage(at, secret) : createLocalStorage(at)
  const sealing = encryption ? sealingWith(await secret(encryption.secret)) : null
  return createVault(within(storage, folder), compression, sealing)
}
