import type { EngineSettings } from '../../releases/backups/backup-policy.js'
import { byDump } from './dump.js'
import { byEmbedded } from './embedded.js'
import type { ByHand, HandScene } from './hand.js'
import { byNative } from './native.js'
import { byPgBackRest } from './pgbackrest.js'
import { byRestic } from './restic.js'

/** How it comes back by hand, with the commands of its engine. Null while there is no sound backup to bring back. */
export function byHand(scene: HandScene): ByHand | null {
  if (scene.policy.engine.driver !== 'supabase' && scene.backups.length === 0) return null
  const { engine } = scene.policy
  switch (engine.driver) {
    case 'pgbackrest':
      return byPgBackRest(engine, scene)
    case 'native':
      return byNative(engine, scene)
    case 'embedded':
      return byEmbedded(engine, scene)
    case 'dump':
      return byDump(engine, scene)
    case 'restic':
      return byRestic(engine, scene)
    case 'supabase':
      return bySupabase(engine)
  }
}

const bySupabase = ({ project }: Extract<EngineSettings, { driver: 'supabase' }>): ByHand => ({
  before: [
    'Supabase holds the backups and restores them itself, over the project as it is now. Who may sign in there can do it.',
  ],
  steps: [],
  after: [
    `Sign in at https://supabase.com/dashboard/project/${project}, open Database, then Backups, and choose a backup or a moment.`,
  ],
})
