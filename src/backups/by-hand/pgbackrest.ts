import type { PgBackRest } from '../../releases/backups/backup-policy.js'
import { type ByHand, exampleMoment, type HandScene, inPostgres } from './hand.js'
import { liveSteps, lookStep, placeIn, roomStep, startStep } from './own-server.js'
import { command } from './shell.js'

const usualConfig = '/etc/pgbackrest/pgbackrest.conf'

/** pgBackRest's own commands, with the file and the stanza that Shipmate uses. */
export function byPgBackRest(engine: PgBackRest, scene: HandScene): ByHand {
  const config = engine.config ?? usualConfig
  const tool = [engine.program, `--config=${config}`, `--stanza=${engine.stanza}`]
  const { data, tablespaces } = placeIn(scene)
  const restore = (...words: string[]) =>
    command(
      ...tool,
      `--repo=${engine.repository}`,
      `--pg1-path=${data}`,
      `--tablespace-map-all=${tablespaces}`,
      '--archive-mode=off',
      ...words,
      'restore',
    )
  const at = exampleMoment(scene.spans)
  return {
    before: [
      `Repository, keys and passphrase stand in ${config}: bring that file. If it is encrypted, repo${engine.repository}-cipher-pass there is what opens it.`,
      'If the file names pg1-host, add --reset-pg1-host to the restore.',
    ],
    steps: [
      { what: 'See what is there.', as: 'server', lines: [command(...tool, 'info')] },
      roomStep(scene),
      {
        what: 'Restore the latest moment.',
        as: 'server',
        lines: [restore('--type=default')],
      },
      startStep(scene),
      lookStep(scene),
      ...liveSteps(scene),
    ],
    after: at
      ? [
          `A moment instead of the latest, into a folder that is empty again: ${restoreWords(at)} in the place of --type=default.`,
        ]
      : [],
  }
}

/** A name stands before a moment that can be had now. */
const restoreWords = (at: Date) => `\`--type=time --target='${inPostgres(at)}' --target-action=promote\``
