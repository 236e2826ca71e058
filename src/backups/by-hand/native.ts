import type { EngineSettings } from '../../releases/backups/backup-policy.js'
import { type ByHand, exampleMoment, type HandScene, inPostgres, newestChain } from './hand.js'
import { liveSteps, lookStep, placeIn, roomStep, startStep } from './own-server.js'
import { command, word } from './shell.js'

type Native = Extract<EngineSettings, { driver: 'native' }>

/** Folders and PostgreSQL's own tools: a backup is copied, increments are put together, and the archive is followed. */
export function byNative(engine: Native, scene: HandScene): ByHand {
  const { data } = placeIn(scene)
  const chain = newestChain(scene.backups).map(({ label }) => `${engine.folder}/backups/${label}`)
  const [full = ''] = chain
  const put =
    chain.length > 1
      ? [command('rmdir', data), command(`${engine.bin}/pg_combinebackup`, `--output=${data}`, ...chain)]
      : [command('cp', '--archive', '--reflink=auto', `${full}/.`, data)]
  const at = exampleMoment(scene.spans)
  return {
    before: [
      `Backups lie in ${engine.folder} and the WAL in ${engine.archive}, neither packed nor encrypted: no secret is needed.`,
    ],
    steps: [
      { what: 'See what is there.', as: 'root', lines: [command('ls', '-l', `${engine.folder}/backups`)] },
      roomStep(scene),
      { what: `Put the files back: ${chainWords(chain.length)}.`, as: 'server', lines: put },
      {
        what: 'Tell recovery to follow the archive to its end.',
        as: 'server',
        lines: [
          `cat >> ${word(`${data}/postgresql.auto.conf`)} <<'END'\n${recovery(engine.archive)}\nEND`,
          command('touch', `${data}/recovery.signal`),
        ],
      },
      startStep(scene),
      lookStep(scene),
      ...liveSteps(scene),
    ],
    after: at
      ? [
          `A moment instead of the latest: add \`recovery_target_time = '${inPostgres(at)}'\` to those lines before the server is started.`,
        ]
      : [],
  }
}

const chainWords = (count: number) =>
  count > 1
    ? `the newest full backup with ${count - 1} ${count === 2 ? 'increment' : 'increments'}`
    : 'the newest full backup'

/** Targets of an earlier restore may stand in what was backed up. */
const recovery = (archive: string) =>
  [
    ...['', '_lsn', '_name', '_time', '_xid'].map((kind) => `recovery_target${kind} = ''`),
    `restore_command = 'cp "${archive.replaceAll("'", "''")}/%f" "%p"'`,
    "recovery_target_action = 'promote'",
    "recovery_target_timeline = 'latest'",
    "archive_mode = 'off'",
  ].join('\n')
