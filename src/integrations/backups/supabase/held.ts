import { z } from 'zod'
import type { Span } from '../../../backups/backup.js'
import { failed } from '../../../errors.js'

/** What Supabase says it keeps of a project. */
export const backupsSchema = z.object({
  region: z.string(),
  walg_enabled: z.boolean(),
  pitr_enabled: z.boolean(),
  backups: z.array(
    z.object({
      id: z.number(),
      is_physical_backup: z.boolean(),
      status: z.enum(['COMPLETED', 'FAILED', 'PENDING', 'REMOVED', 'ARCHIVED', 'CANCELLED']),
      inserted_at: z.string(),
    }),
  ),
  physical_backup_data: z
    .object({
      earliest_physical_backup_date_unix: z.number().optional(),
      latest_physical_backup_date_unix: z.number().optional(),
    })
    .default({}),
})
export type SupabaseBackups = z.infer<typeof backupsSchema>

export const completed = ({ backups }: SupabaseBackups) =>
  backups.filter(({ status }) => status === 'COMPLETED').sort((one, other) => +takenAt(one) - +takenAt(other))

export const takenAt = ({ inserted_at }: { inserted_at: string }): Date =>
  // Some of its answers carry no zone; they are UTC.
  new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(inserted_at) ? inserted_at : `${inserted_at}Z`)

export function spansOf({ pitr_enabled, physical_backup_data: data }: SupabaseBackups): Span[] {
  const { earliest_physical_backup_date_unix: from, latest_physical_backup_date_unix: to } = data
  if (!pitr_enabled || from === undefined || to === undefined) return []
  return [{ from: new Date(from * 1000), to: new Date(to * 1000) }]
}

export const unknown = (label: string) =>
  failed('backup-unknown', `there is no backup ${label}`, {
    wanted: label,
    came: 'nothing of that name that counts',
    next: 'Choose one from /backup list.',
  })
