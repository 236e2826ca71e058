import { z } from 'zod'
import type { RestorePoint } from '../../../backups/backup.js'
import type { EngineContext } from '../../../backups/engine.js'
import { failed, ShipmateError, timedOut } from '../../../errors.js'
import type { Http } from '../../http.js'
import { completed, type SupabaseBackups, spansOf, unknown } from './held.js'

/** A point that was named before a change; Supabase calls it a restore point. */
export type SupabasePointState = {
  name: string
  state: 'AVAILABLE' | 'PENDING' | 'REMOVED' | 'FAILED'
  completedAt: Date | null
}

export type SupabaseRestore = {
  /** Brings the project itself back, over what it holds now, and waits until it answers again. */
  restoreInPlace(point: RestorePoint, context: EngineContext): Promise<{ tookMs: number }>
  /** Names this moment, before a migration say, and waits until it can be gone back to. */
  makePoint(name: string, context: EngineContext): Promise<SupabasePointState>
  points(context: EngineContext): Promise<SupabasePointState[]>
}

const pointSchema = z.object({
  name: z.string(),
  status: z.enum(['AVAILABLE', 'PENDING', 'REMOVED', 'FAILED']),
  completed_on: z.string().nullish(),
})
const nothing = z.unknown()
const projectSchema = z.object({ status: z.string() })

const lookEveryMs = 5_000
const pointWithinMs = 10 * 60_000
const restoreWithinMs = 6 * 3_600_000

export function createSupabaseRestore(
  database: string,
  http: Http,
  at: string,
  look: (context: EngineContext) => Promise<SupabaseBackups>,
): SupabaseRestore {
  const pointsPath = `${at}/database/backups/restore-point`
  const points = async ({ signal }: EngineContext) => {
    const found = await http.get(pointsPath, z.union([z.array(pointSchema), pointSchema]), { signal })
    return [found].flat().map(shown)
  }
  return {
    points,
    async makePoint(name, context) {
      const { clock, signal } = context
      const before = (await points(context)).find((one) => one.name === name)
      if (before?.state !== 'AVAILABLE' && before?.state !== 'PENDING')
        await http.post(pointsPath, { name }, nothing, { signal })
      const until = +clock.now() + pointWithinMs
      for (;;) {
        const now = (await points(context)).find((one) => one.name === name)
        if (now?.state === 'AVAILABLE') return now
        if (now?.state === 'FAILED' || now?.state === 'REMOVED') throw pointFailed(name, now.state)
        if (+clock.now() > until) throw slow(`the restore point ${name}`, pointWithinMs)
        await paused(context, name)
      }
    },
    async restoreInPlace(point, context) {
      const began = +context.clock.now()
      const { path, body } = call(point, await look(context), at)
      await http.post(path, body, nothing, { signal: context.signal }).catch((error: unknown) => {
        throw inWords(error, database)
      })
      await backAgain(http, at, database, context)
      return { tookMs: +context.clock.now() - began }
    },
  }
}

const shown = ({ name, status, completed_on }: z.infer<typeof pointSchema>): SupabasePointState => ({
  name,
  state: status,
  completedAt: completed_on ? new Date(completed_on) : null,
})

/** Only what it says it has is asked for. */
function call(point: RestorePoint, held: SupabaseBackups, at: string): { path: string; body: object } {
  if (point.kind === 'name') return { path: `${at}/database/backups/undo`, body: { name: point.name } }
  if (point.kind === 'backup') {
    const found = completed(held).find(({ id }) => String(id) === point.label)
    if (!found) throw unknown(point.label)
    if (!found.is_physical_backup)
      throw unreachable(point.label, 'it is a logical one, which only the dashboard restores')
    return { path: `${at}/database/backups/restore`, body: { id: found.id } }
  }
  const [span] = spansOf(held)
  if (!span) throw noPitr('the list of backups says that it is off')
  if (point.kind === 'lsn') throw unreachable(point.lsn, 'Supabase restores to seconds, not to positions in the WAL')
  const moment = point.kind === 'time' ? point.at : span.to
  if (moment < span.from || moment > span.to)
    throw unreachable(moment.toISOString(), `it has ${span.from.toISOString()} to ${span.to.toISOString()}`)
  // Whole seconds, and never later than what was asked for.
  const recovery_time_target_unix = Math.floor(moment.getTime() / 1000)
  return { path: `${at}/database/backups/restore-pitr`, body: { recovery_time_target_unix } }
}

/** It first goes on as if nothing were, then restores; healthy counts only after it was seen restoring, or a minute on. */
async function backAgain(http: Http, at: string, database: string, context: EngineContext): Promise<void> {
  const { clock, signal } = context
  const began = +clock.now()
  let wasAway = false
  for (;;) {
    const { status } = await http.get(at, projectSchema, { signal })
    if (status === 'RESTORE_FAILED')
      throw failed('supabase-restore-failed', `Supabase could not restore ${database}`, {
        came: status,
        next: 'Open a ticket at Supabase now; the project may be unusable until they answer.',
      })
    if (status !== 'ACTIVE_HEALTHY') wasAway = true
    const passed = +clock.now() - began
    if (status === 'ACTIVE_HEALTHY' && (wasAway || passed > 60_000)) return
    if (passed > restoreWithinMs) throw slow(`the restore of ${database}`, restoreWithinMs)
    await paused(context, `Supabase says ${status}`)
  }
}

async function paused({ clock, signal, progress }: EngineContext, text: string): Promise<void> {
  progress({ done: 0, total: 0, text })
  await clock.sleep(lookEveryMs, signal)
  if (signal.aborted) throw new ShipmateError('stopped', 'backup-stopped', 'waiting for Supabase was broken off')
}

function inWords(error: unknown, database: string): unknown {
  if (!(error instanceof ShipmateError)) return error
  if (/PITR is not enabled/i.test(error.came ?? '')) return noPitr(`Supabase: ${error.came}`)
  if (error.details?.status === 402)
    return failed('supabase-plan', `the plan of the project does not allow a restore of ${database}`, {
      ...(error.came !== undefined && { came: error.came }),
      next: 'Raise the plan in the dashboard.',
    })
  return error
}

const noPitr = (came: string) =>
  failed('supabase-no-pitr', 'this project has no point-in-time recovery', {
    wanted: 'the PITR add-on',
    came,
    next: 'Restore one of its daily backups, or add PITR for the next time.',
  })

const unreachable = (what: string, why: string) =>
  failed('restore-point-unknown', `${what} cannot be brought back: ${why}`, {
    wanted: what,
    came: why,
    next: 'Choose a moment within what /backup status says is recoverable, or the end of a backup.',
  })

const pointFailed = (name: string, state: string) =>
  failed('supabase-point-failed', `Supabase could not make the restore point ${name}`, {
    came: state,
    next: 'Make one with another name; do not begin the change without one.',
  })

const slow = (what: string, ms: number) =>
  timedOut('supabase-slow', `${what} did not end within ${Math.round(ms / 60_000)} min`, {
    next: 'Look at the project’s dashboard.',
  })
