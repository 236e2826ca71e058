import type { S3Storage, Storage } from '../../releases/backups/backup-policy.js'
import { oneLine, secretInto, secretPlace, word } from './shell.js'

/** Whether other programs can read what lies there: the sealed format is Shipmate's own. */
export const isSealed = ({ encryption }: Storage): boolean => encryption !== null

/** What has to be at hand to read a storage, in sentences. */
export function storageNeeds(storage: Storage): string[] {
  const keys =
    storage.kind === 's3'
      ? [`The keys of the bucket are ${secretPlace(storage.accessKey)} and ${secretPlace(storage.secretKey)}.`]
      : []
  const passphrase =
    storage.encryption === null
      ? []
      : [
          `The passphrase is ${secretPlace(storage.encryption)}. Without it nothing can be restored by anybody. The files are in a format of Shipmate’s own (docs/decisions/0018-sealed-backups.md): only its program reads them.`,
        ]
  return [...keys, ...passphrase]
}

/** The folder of one backup on this machine, with the lines that fetch it from a bucket first. */
export function fetched(storage: Storage, folder: string, into: string): { at: string; lines: string[] } {
  if (storage.kind === 'path') return { at: `${storage.path}/${folder}`, lines: [] }
  const at = `${into}/fetched`
  return { at, lines: [...keysOf(storage), fetch(storage, folder, at)] }
}

const keysOf = ({ accessKey, secretKey, region }: S3Storage) => [
  secretInto('AWS_ACCESS_KEY_ID', accessKey),
  secretInto('AWS_SECRET_ACCESS_KEY', secretKey),
  `export AWS_DEFAULT_REGION=${word(region)}`,
]

const fetch = ({ bucket, prefix, endpoint }: S3Storage, folder: string, at: string) =>
  oneLine(
    'aws',
    's3',
    'sync',
    `s3://${bucket}/${prefix}/${folder}`,
    at,
    ...(endpoint === null ? [] : ['--endpoint-url', endpoint]),
  )

/** zstd reads what is packed with zstd or gzip, and hands on what is not packed. */
export const unpacked = (folder: string, name: string): string => `zstd -dcf ${word(folder)}/${name}`
