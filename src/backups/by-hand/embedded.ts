import type { EngineSettings } from '../../releases/backups/backup-policy.js'
import { ownDatabase } from '../../releases/backups/own-database.js'
import { type ByHand, type HandScene, type HandStep, newestOf } from './hand.js'
import { liveSteps, lookStep, placeIn, roomStep, serverUser, startStep } from './own-server.js'
import { command, oneLine, word } from './shell.js'
import { fetched, isSealed, storageNeeds, unpacked } from './stored.js'

type Embedded = Extract<EngineSettings, { driver: 'embedded' }>

/** Shipmate's program reads its own storage while no Shipmate runs; what is not sealed, tar reads as well. */
export function byEmbedded({ storage }: Embedded, scene: HandScene): ByHand {
  const { database } = scene.policy
  if (database === ownDatabase) return ofShipmate(storageNeeds(storage))
  const { data } = placeIn(scene)
  return {
    before: [
      ...storageNeeds(storage),
      'Shipmate’s program and the operator’s file are enough: no Shipmate has to run, and neither its database nor the server that was is asked.',
    ],
    steps: [
      {
        what: 'See what is there.',
        as: 'shipmate',
        lines: [command('npx', 'shipmate', 'restore-files', database, '--list')],
      },
      roomStep(scene),
      {
        what: 'Restore the latest moment.',
        as: 'shipmate',
        lines: [command('npx', 'shipmate', 'restore-files', database, '--into', data)],
      },
      startStep(scene),
      lookStep(scene),
      ...liveSteps(scene),
    ],
    after: [
      'A moment instead of the latest: `--to 14:02:11`, in the zone of the file. The end of one backup: `--from <label>`.',
      ...withoutProgram(storage, scene),
    ],
  }
}

function withoutProgram(storage: Embedded['storage'], scene: HandScene): string[] {
  if (isSealed(storage)) return ['Without Shipmate’s program nothing reads these files, because they are encrypted.']
  const step = tarStep(storage, scene)
  return step
    ? [
        `Without Shipmate’s program, the end of the newest full backup comes back with tar. ${step.what}`,
        ...step.lines.map((line) => `\`${line}\``),
      ]
    : []
}

/** The WAL that a full backup needs came with it, so it stands alone. */
export function tarStep(storage: Embedded['storage'], scene: HandScene): HandStep | null {
  const full = newestOf(scene.backups.filter(({ kind }) => kind === 'full'))
  if (!full || isSealed(storage)) return null
  const { data } = placeIn(scene)
  const { at, lines } = fetched(storage, `${scene.policy.database}/backups/${full.label}`, scene.into)
  return {
    what: 'As root, into the empty folder; then start the server on it as above:',
    // The storage is Shipmate's, and nobody else reads it.
    as: 'root',
    lines: [
      ...lines,
      `${unpacked(at, 'base.tar*')} | tar -xf - -C ${word(data)}`,
      oneLine('chown', '-R', `${serverUser(scene.policy)}:`, data),
    ],
  }
}

const ofShipmate = (needs: string[]): ByHand => ({
  before: [
    ...needs,
    'Shipmate’s program and the operator’s file, or this part of it, are enough. docs/operations/restore-self.md says what is safe afterwards.',
  ],
  steps: [
    { what: 'See what is there.', as: 'shipmate', lines: ['npx shipmate restore-self --list'] },
    { what: 'Try all but the last step.', as: 'shipmate', lines: ['npx shipmate restore-self --dry-run'] },
    {
      what: 'Bring it back. The old data stays beside it.',
      as: 'shipmate',
      lines: ['npx shipmate restore-self', 'npm start'],
    },
  ],
  after: ['A moment instead of the latest: `npx shipmate restore-self --to "14:02:11"`.'],
})
