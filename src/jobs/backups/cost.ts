import { z } from 'zod'
import type { Backup } from '../../backups/backup.js'
import type { BackupCost, DatabaseCost, Seen } from '../../backups/cost/cost.js'
import { adviceFor, costWords, highIn, tookOf, unseenWords } from '../../backups/cost/judging.js'
import { type CheckResult, defineCheck, type StepContext } from '../../runs/abilities.js'
import type { CheckStep } from '../../runs/step.js'
import { type BackupParts, contextOf, engineFor } from './parts.js'

/** What was seen of the database while `take` took its backup. Looking breaks nothing: it says why it saw nothing. */
export async function costWhile(
  { observers }: BackupParts,
  database: string,
  context: StepContext,
  take: () => Promise<Backup>,
): Promise<{ backup: Backup; cost: Seen<DatabaseCost> | null }> {
  const began = context.clock.now()
  const look = await observers.database(database, contextOf(context))
  const backup = await take().catch(async (thrown: unknown) => {
    await look.end()
    throw thrown
  })
  const cost = await look.end()
  // An attempt after another one may only find what that one took: what it saw tells nothing of the taking.
  const wasThere = context.attempt > 1 || backup.endedAt < began
  return { backup, cost: cost !== null && wasThere ? notSeenTaking : cost }
}

const notSeenTaking: Seen<DatabaseCost> = {
  why: 'the database was not looked at: an attempt before this one had taken the backup',
}

/** What the backup that was just taken cost whoever uses its database; kept on its row. */
export const costCheck = (parts: BackupParts) =>
  defineCheck({
    name: 'backups.cost',
    input: z.object({ database: z.string(), label: z.string() }),
    async run({ database, label }, context): Promise<CheckResult> {
      const { engine } = await engineFor(parts, database)
      const known = await parts.rows.backups(database, 200)
      const taken = known.find((one) => one.label === label)
      if (!taken) return { outcome: 'skip', summary: `what ${label} cost is not known: its row is gone` }
      const ran = { from: taken.startedAt, to: taken.endedAt }
      const application = await parts.observers.application(database, ran, context.signal)
      const cost: BackupCost = { application, database: taken.cost?.database ?? null }
      await parts.rows.cost(database, label, cost)
      const took = tookOf(taken, known)
      const [words, unseen] = [costWords(cost, took), unseenWords(cost)]
      const summary = [words, ...unseen].join('; ')
      const high = highIn(cost, took)
      const details = Object.fromEntries(high.map((reason, at) => [String(at + 1), reason]))
      const next = adviceFor(cost, took, engine.name)
      if (next !== null) return { outcome: 'warn', summary: [...high, ...unseen].join('; '), details, next }
      // What visitors felt was not seen: that is not the same as well.
      return { outcome: 'seen' in application ? 'pass' : 'skip', summary }
    },
  })

export const costStep = (database: string): CheckStep => ({
  key: 'cost',
  title: 'what it cost the application',
  verb: 'check',
  check: 'backups.cost',
  with: { database, label: { from: 'take', field: 'label' } },
  timeout: 60_000,
  retries: 1,
  onFailure: 'warn',
})
