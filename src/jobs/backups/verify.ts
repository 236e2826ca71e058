import { z } from 'zod'
import type { PlanDraft } from '../../runs/plan.js'
import type { Intent } from '../../runs/run.js'
import type { Facts } from '../facts.js'
import { approval, inOrder } from '../gates.js'
import type { Job } from '../jobs.js'
import { ready } from './backup.js'
import { backedUp, backupResources, headlineOf, pinnedOf, unasked } from './database.js'

const input = z.strictObject({ database: z.string().min(1).max(40), because: z.string().max(80).optional() })

/** Reads back every byte that is stored of a database. */
export const verify: Job = {
  name: 'verify',
  input,
  act: 'backup',
  priority: 0,
  besideLocks: true,
  resources: ({ input }) => backupResources(String(input.database)),
  plan: planVerify,
}

export async function planVerify(intent: Intent, facts: Facts): Promise<PlanDraft> {
  const { database, because } = input.parse(intent.input)
  const place = await backedUp(intent, database, facts)
  const people = { ...place, environment: unasked(place.environment, because) }
  return {
    headline: headlineOf(place, {
      job: 'verify',
      notes: [`everything that ${place.engine.name} has stored`],
      undo: 'nothing: it only reads',
    }),
    pinned: pinnedOf(place, 'backup', {}),
    steps: inOrder(
      [ready(database)],
      approval(people, 'backup', `Read back all backups of ${database}?`),
      [
        {
          key: 'verify',
          title: `read back all backups of ${database}`,
          verb: 'do',
          action: 'backups.verify',
          with: { database },
          timeout: 24 * 3_600_000,
          retries: 2,
          onFailure: 'stop',
        },
      ],
      [],
    ),
    observe: place.environment.mode === 'observe',
    result: null,
  }
}
