import { shownDuration } from '../releases/durations.js'
import type { Backup } from './backup.js'
import type { BackupEngine, EngineContext, ScratchFindings } from './engine.js'
import { breaks, holds, type Judgement, notAsked, numbered } from './proof.js'
import { counted } from './sizes.js'

/** What came back of a set of files, and how it compares with what was stored. */
export type FilesFound = {
  from: Backup
  restoreMs: number
  checkMs: number
  /** Of what was restored. */
  bytes: number
  /** Files that the backup holds, and how many of them were restored and compared. */
  files: number
  looked: number
  /** One sentence for each file that is not as it was. */
  problems: string[]
  /** When the youngest file of the backup was written. */
  newestAt: Date | null
  /** What else has to hold of this kind of set: a repository is whole, a key belongs to its certificate. */
  holds: ScratchFindings['invariants']
}

/** One that stores files: some of them are restored and compared with what was read when they were stored. */
export type FilesEngine = BackupEngine & {
  /** Restores from the newest backup that counts into an empty folder that is ours alone, and looks at what came back. */
  rehearse(into: string, context: EngineContext): Promise<FilesFound>
}

export const isFilesEngine = (engine: BackupEngine): engine is FilesEngine => 'rehearse' in engine

type Found = ScratchFindings & { at: Date }

/** A rehearsal of files in the shape that drills are remembered in: what was compared, and of how many. */
export const findingsOf = (set: string, { looked, problems, files, newestAt, holds }: FilesFound): ScratchFindings => ({
  structure: { checked: looked, problems },
  rows: [{ table: set, rows: files }],
  orphans: [],
  newestAt,
  invariants: holds,
})

const filesOf = ({ rows }: Pick<Found, 'rows'>) => rows.reduce((sum, one) => sum + one.rows, 0)

/** "50 of 214 files". */
export function filesWords(found: Pick<Found, 'rows' | 'structure'>): string {
  const [looked, all] = [found.structure.checked, filesOf(found)]
  return looked === all ? counted(all, 'file') : `${looked.toLocaleString('en')} of ${counted(all, 'file')}`
}

/** The questions of a drill, asked of files. Nothing looked at is nothing proven. */
export const filesJudges: {
  [question in 'structure' | 'rows' | 'orphans' | 'newest' | 'invariants']: (found: Found) => Judgement
} = {
  structure: (found) => {
    const { checked, problems } = found.structure
    if (problems.length > 0) return breaks(`${counted(problems.length, 'problem')}: ${problems[0]}`, numbered(problems))
    return checked > 0 ? holds(`${filesWords(found)} came back as stored`) : breaks('nothing was looked at')
  },
  rows: (found) => {
    const files = filesOf(found)
    return files > 0 ? holds(`${counted(files, 'file')} in the backup`) : breaks('there is no file in the backup')
  },
  orphans: () => notAsked('files refer to nothing'),
  newest: ({ newestAt, at }) =>
    newestAt
      ? holds(`the youngest file was written ${shownDuration(Math.max(0, at.getTime() - newestAt.getTime()))} before`)
      : breaks('no file tells when it was written'),
  invariants: ({ invariants }) => {
    const broken = invariants.filter((one) => !one.holds).map(({ name, came }) => `"${name}" does not hold: ${came}`)
    if (broken.length > 0) return breaks(broken.slice(0, 3).join(', '), numbered(broken))
    if (invariants.length === 0) return notAsked('nothing else has to hold of these files')
    return holds(
      invariants
        .map(({ name, came }) => `${name}: ${came}`)
        .slice(0, 3)
        .join('; '),
    )
  },
}
