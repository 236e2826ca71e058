import { secretPlace } from '../../../backups/by-hand/shell.js'
import type { DatabaseStatus } from '../../../backups/status.js'
import { inZone } from '../../../clock.js'
import type { BackupPolicy, EngineSettings, Storage } from '../../../releases/backups/backup-policy.js'
import type { ApprovalPolicy } from '../../../releases/catalogue.js'
import { shownDuration } from '../../../releases/durations.js'
import { shownGrant } from '../../../releases/permission.js'

/** Moments with their year: a page is read long after it was written. */
export const momentWords = (at: Date, zone: string): string => inZone(at, zone).format('D MMM YYYY HH:mm')

export const agoWords = (at: Date, now: Date): string =>
  `${shownDuration(Math.max(0, now.getTime() - at.getTime()))} ago`

/** Where it lies and who can read it there; a secret is named by its place. */
export function placeWords(engine: EngineSettings): string {
  switch (engine.driver) {
    case 'pgbackrest':
      return `in repository ${engine.repository} of pgBackRest, stanza ${engine.stanza}; where that is and whether it is encrypted stands in ${engine.config ?? '/etc/pgbackrest/pgbackrest.conf'}`
    case 'native':
      return `in ${engine.folder}, its WAL in ${engine.archive}, neither packed nor encrypted`
    case 'embedded':
    case 'dump':
      return storageWords(engine.storage)
    case 'restic':
      return `${engine.repository.kind === 's3' ? bucketWords(engine.repository) : `in ${engine.repository.path}`}, encrypted by restic; the password is ${secretPlace(engine.password)}`
    case 'supabase':
      return `with Supabase, in project ${engine.project}; how it is encrypted there, Supabase says`
  }
}

function storageWords(storage: Storage): string {
  const where = storage.kind === 's3' ? bucketWords(storage) : `in ${storage.path}`
  const sealed =
    storage.encryption === null ? 'not encrypted' : `encrypted; the passphrase is ${secretPlace(storage.encryption)}`
  return `${where}, ${sealed}`
}

const bucketWords = ({ bucket, prefix, endpoint }: { bucket: string; prefix: string; endpoint: string | null }) =>
  `in the bucket ${bucket} below ${prefix}/${endpoint === null ? '' : ` at ${endpoint}`}`

/** "2 of @release-managers, never who asks, within 30 min". */
export function approvalWords({ quorum, requester, expires, ...grant }: ApprovalPolicy): string {
  if (quorum === 0) return 'nobody else is asked'
  const own = {
    excluded: 'never who asks',
    counts: 'who asks counts too',
    'self with confirmation': 'who asks may confirm alone',
  }[requester]
  return `${quorum} of ${shownGrant({ ...grant, everyone: false })}, ${own}, within ${shownDuration(expires)}`
}

/** What the file asks of these backups, besides when they are taken. */
export function limitsWords({ grace, proven, loss, room }: BackupPolicy): string[] {
  return [
    `somebody is told ${shownDuration(grace)} after a scheduled one is missing, and ${room === 1 ? 'a day' : `${room} days`} before the storage is full`,
    ...(loss === null
      ? []
      : [`somebody is told when the recoverable window ends longer than ${shownDuration(loss)} ago`]),
    proven === null
      ? 'no deploy asks for a proven one'
      : `it counts as proven for ${shownDuration(proven)} after it was taken`,
  ]
}

/** The latest sound moment and what it rests on. */
export const windowOf = ({ look, backups }: DatabaseStatus) => ({
  spans: look?.spans ?? [],
  backups: backups.filter(({ goneAt }) => goneAt === null),
})
