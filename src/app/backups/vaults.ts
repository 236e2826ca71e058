import type { Vault } from '../../integrations/backups/storage/vault.js'
import type { Storage } from '../../releases/backups/backup-policy.js'

const partBytes = 16 * 1024 * 1024

/** Where the backups of a database are kept. What speaks S3 is large, and loaded for buckets alone. */
export async function vaultOf(
  storage: Storage,
  database: string,
  secret: (reference: string) => Promise<string>,
): Promise<Vault> {
  const { compression, encryption } = storage
  if (storage.kind === 's3') {
    const { openVault } = await import('../../integrations/backups/storage/settings.js')
    const { bucket, region, endpoint, prefix, accessKey, secretKey, pathStyle } = storage
    const keys = { accessKeyId: accessKey, secretAccessKey: secretKey }
    const at = { kind: 's3' as const, bucket, region, endpoint, prefix, pathStyle, partBytes, ...keys }
    return openVault(
      { at, compression, encryption: encryption === null ? null : { secret: encryption } },
      database,
      secret,
    )
  }
  const [{ createLocalStorage }, { within }, { createVault }, { sealingWith }] = await Promise.all([
    import('../../integrations/backups/storage/local.js'),
    import('../../integrations/backups/storage/storage.js'),
    import('../../integrations/backups/storage/vault.js'),
    import('../../integrations/backups/storage/sealing.js'),
  ])
  const sealing = encryption === null ? null : sealingWith(await secret(encryption))
  const folder = createLocalStorage({ kind: 'local', path: storage.path })
  return createVault(within(folder, database), compression, sealing)
}
