import { z } from 'zod'
import { backupKinds } from '../../backups/backup.js'
import { type BackupPolicy, policyAt } from '../../releases/backups/backup-policy.js'
import type { Catalogue } from '../../releases/catalogue.js'
import type { Migration } from '../../releases/release.js'
import { type Action, defineAction } from '../../runs/abilities.js'
import { hasEnded, type Intent } from '../../runs/run.js'
import type { CheckStep, DoStep, Step } from '../../runs/step.js'
import { backup } from './backup.js'
import { homeOf, shipmateItself } from './database.js'
import type { BackupParts } from './parts.js'

/** A backup that another run needs first: a run of its own, with its own line, card and way to be finished after a crash. */
export const askingActions = (parts: BackupParts): Action[] => [ask(parts), takeBack(parts)]

const ask = ({ runs, catalogue }: BackupParts) =>
  defineAction({
    name: 'backups.ask',
    input: z.object({ database: z.string(), kind: z.enum(backupKinds) }),
    // The step's key is the request's: asked twice, it is the run that is there.
    fence: 'key',
    async run({ database, kind }, context) {
      const view = await runs.view(context.run)
      const intent: Intent = {
        job: backup.name,
        ...homeOf(catalogue, database),
        input: { database, kind, because: `#${context.run}` },
      }
      const { run } = await runs.submit({
        requestKey: `backup-before:${context.key}`,
        team: view?.run.team ?? '',
        intent,
        resources: backup.resources(intent),
        priority: 1,
        requestedBy: shipmateItself,
        via: 'run',
        parent: context.run,
        at: context.clock.now(),
      })
      return { evidence: { summary: `asked for as #${run.id}`, value: run.id }, output: { run: run.id } }
    },
  })

/** Whoever stops the deploy has no use for its backup. One that is stored stays. */
const takeBack = ({ runs, catalogue }: BackupParts) =>
  defineAction({
    name: 'backups.take-back',
    input: z.object({ database: z.string() }),
    fence: 'key',
    async run({ database }, context) {
      const child = await childOf(runs, context.run, homeOf(catalogue, database))
      if (!child) return { evidence: { summary: 'there is none to stop' } }
      const asked = await runs.requestStop(
        child,
        shipmateItself,
        `#${context.run} needs it no more`,
        context.clock.now(),
      )
      return { evidence: { summary: asked ? `#${child} is being stopped` : `#${child} has ended` } }
    },
  })

async function childOf(
  runs: BackupParts['runs'],
  parent: number,
  { service, environment }: Pick<Intent, 'service' | 'environment'>,
) {
  const live = await runs.list({ service, environment, live: true, limit: 100 })
  return live.find((one) => one.parent === parent && one.intent.job === backup.name && !hasEnded(one.state))?.id ?? null
}

/** How far apart the looks at it are, and for how long it is looked at. */
const every = 3_000
const longest = 24 * 3_600_000

/** The gate: a proven backup no older than the policy, where the database of the place has one. */
export function provenGate(catalogue: Catalogue, service: string, environment: string): CheckStep[] {
  const policy = policyAt(catalogue, service, environment)
  if (!policy || policy.proven === null) return []
  return [
    {
      key: 'proven',
      title: `a backup of ${policy.database} is proven`,
      verb: 'check',
      check: 'backups.proven',
      with: { database: policy.database, limit: policy.proven },
      timeout: 10_000,
      needs: [],
      retries: 2,
      onFailure: 'stop',
    },
  ]
}

/**
 * A backup before the first change, where the release migrates and the policy wants one. The steps of the work that began
 * at once begin after it.
 */
export function backedUpFirst(
  catalogue: Catalogue,
  { service, environment }: Pick<Intent, 'service' | 'environment'>,
  migrations: Migration[],
  work: Step[],
): Step[] {
  const policy = policyAt(catalogue, service, environment)
  const first = work.findIndex(({ verb }) => verb === 'do')
  if (!policy || first < 0 || !migrations.some(({ safe }) => wantsBackup(policy, safe))) return work
  const gates = work.slice(0, first).map(({ key }) => key)
  const [asking, waiting] = askedFor(policy.database)
  const after = work.slice(first).map((step, at) => {
    const begins = at === 0 || step.needs?.every((key) => gates.includes(key))
    return begins ? { ...step, needs: [waiting.key] } : step
  })
  return [...work.slice(0, first), asking, waiting, ...after]
}

const wantsBackup = ({ beforeMigrations }: BackupPolicy, safe: boolean): boolean =>
  beforeMigrations === 'unsafe' ? !safe : beforeMigrations

function askedFor(database: string): [DoStep, CheckStep] {
  return [
    {
      key: 'backup',
      title: `back up ${database} first`,
      verb: 'do',
      action: 'backups.ask',
      with: { database, kind: 'incremental' },
      undo: {
        title: 'stop its backup if it still runs',
        action: 'backups.take-back',
        with: { database },
        timeout: 60_000,
      },
      timeout: 60_000,
      retries: 5,
      onFailure: 'undo',
    },
    {
      key: 'backed-up',
      title: `${database} is backed up`,
      verb: 'check',
      check: 'run.ended',
      with: { run: { from: 'backup', field: 'run' } },
      timeout: 30_000,
      repeat: { every, max: longest / every },
      onFailure: 'undo',
    },
  ]
}
