import type { EngineSettings } from '../../releases/backups/backup-policy.js'
import { type ByHand, type HandScene, type HandStep, newestOf } from './hand.js'
import { command, word } from './shell.js'
import { fetched, isSealed, storageNeeds, unpacked } from './stored.js'

type Dump = Extract<EngineSettings, { driver: 'dump' }>

/** A dump is loaded into a new database beside the one that serves. */
export function byDump(engine: Dump, scene: HandScene): ByHand {
  const { database } = scene.policy
  return {
    before: [...storageNeeds(engine.storage), 'No moment between two dumps can be had again.'],
    steps: [
      {
        what: 'Make an empty folder with room for the dump.',
        as: 'root',
        lines: [command('install', '-d', '-o', 'postgres', '-m', '700', scene.into, `${scene.into}/data`)],
      },
      ...dumpSteps(engine, scene),
      {
        what: 'Load it into a new database; roles and settings of the server are not in it. Then look at it.',
        as: 'server',
        lines: [
          `createdb ${word(`${database}_restored`)}`,
          command(
            `${engine.bin}/pg_restore`,
            '--no-owner',
            '--exit-on-error',
            `--dbname=${database}_restored`,
            `${scene.into}/data/database.dump`,
          ),
        ],
      },
    ],
    after: [
      `To put it live, change the names while no application is connected: \`alter database … rename to …\`, the old one first.`,
    ],
  }
}

function dumpSteps({ storage }: Dump, scene: HandScene): HandStep[] {
  const { policy, into } = scene
  const newest = newestOf(scene.backups)
  if (isSealed(storage) || !newest)
    return [
      {
        what: 'Fetch the newest dump with Shipmate’s program; no Shipmate has to run.',
        as: 'shipmate',
        lines: [command('npx', 'shipmate', 'restore-files', policy.database, '--into', `${into}/data`)],
      },
    ]
  const { at, lines } = fetched(storage, `${policy.database}/dumps/${newest.label}`, into)
  return [
    {
      what: 'Unpack the newest dump.',
      as: 'root',
      lines: [
        ...lines,
        `${unpacked(at, 'dump*')} > ${word(`${into}/data/database.dump`)}`,
        command('chown', 'postgres:', `${into}/data/database.dump`),
      ],
    },
  ]
}
