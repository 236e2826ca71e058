import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FilesEngine } from '../../../src/backups/files.js'
import { createResticEngine } from '../../../src/integrations/backups/restic/engine.js'
import type { Source } from '../../../src/integrations/backups/restic/source.js'
import type { Restic } from '../../../src/releases/backups/files-policy.js'
import { contextFor } from './engine-rig.js'
import { resticSettings } from './restic-remake.js'

export type ResticSet = {
  folder: string
  work: string
  repository: string
  engine: FilesEngine
  /** Takes one with a key of its own. */
  take(): ReturnType<FilesEngine['take']>
  rehearse(): ReturnType<FilesEngine['rehearse']>
  close(): void
}

/** A set on a source of a test's own, with a repository in a folder unless the settings say otherwise. */
export function resticSet(
  set: string,
  sourceIn: (folder: { folder: string; work: string }) => Source,
  more: (folder: string) => Partial<Restic> = () => ({}),
): ResticSet {
  const folder = mkdtempSync(join(tmpdir(), 'shipmate-restic-set-'))
  const [work, repository] = [join(folder, 'work'), join(folder, 'repository')]
  const engine = createResticEngine({
    ...{ set, work, source: sourceIn({ folder, work }) },
    settings: resticSettings('/usr/bin/restic', repository, more(folder)),
    secret: async (reference) => (reference.startsWith('env:S3') ? 'S3RVER' : 'a password of the tests'),
  })
  let [taken, rehearsed] = [0, 0]
  return {
    ...{ folder, work, repository, engine },
    take: () => {
      taken += 1
      return engine.take({ kind: 'full', key: `take-${taken}`, run: taken }, contextFor())
    },
    rehearse: () => {
      rehearsed += 1
      return engine.rehearse(join(folder, `rehearsed-${rehearsed}`), contextFor())
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
