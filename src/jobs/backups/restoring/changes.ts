import type { PastChange } from '../../../backups/restoring.js'
import type { RunDesk } from '../../../runs/ports.js'
import type { RunRecord, RunView } from '../../../runs/run.js'

const looked = 50
const most = 10

/** The youngest runs of a place that changed its database, newest first. */
export async function changesAt(
  runs: Pick<RunDesk, 'view' | 'list'>,
  { service, environment }: { service: string; environment: string },
): Promise<PastChange[]> {
  const past = await runs.list({ service, environment, limit: looked })
  const migrated = past.filter(
    ({ plan, startedAt }) => startedAt !== null && (plan?.headline.migrations.length ?? 0) > 0,
  )
  const views = await Promise.all(migrated.slice(0, most).map(({ id }) => runs.view(id)))
  return views.flatMap((view) => changeOf(view) ?? [])
}

/** By the first migration that it began; null for a run that began none. */
export function changeOf(view: RunView | null): PastChange | null {
  const began = view?.steps
    .filter(({ step, startedAt }) => step.verb === 'do' && /migrate/.test(step.action) && startedAt !== null)
    .map(({ startedAt }) => startedAt?.getTime() ?? 0)
  if (!view || !began || began.length === 0) return null
  return { run: view.run.id, what: whatOf(view.run), began: new Date(Math.min(...began)) }
}

const whatOf = ({ intent, plan }: RunRecord) => [intent.service, plan?.headline.to].filter(Boolean).join(' ')
