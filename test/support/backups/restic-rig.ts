import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FilesEngine } from '../../../src/backups/files.js'
import { systemClock } from '../../../src/clock.js'
import { createScratchYard } from '../../../src/integrations/backups/scratch/yard.js'
import type { EngineRig, Heal } from './engine-rig.js'
import { smallDisk, unmounted } from './local-server.js'
import { filled, flip, halve, hollow, largestFirst } from './planted.js'
import { makeEngine } from './restic-remake.js'

export type ResticRig = EngineRig & { engine: FilesEngine; folder: string; uploads: string; repository: string }

const diskBytes = 64 * 1024 * 1024

/** A folder of uploads into which people write while it is backed up, and a repository on a disk of its own. */
export async function resticRig(program: string): Promise<ResticRig> {
  const folder = mkdtempSync(join(tmpdir(), 'shipmate-restic-'))
  const [uploads, repository] = [join(folder, 'uploads'), join(folder, 'repository')]
  mkdirSync(join(uploads, '2026', '11'), { recursive: true })
  for (let at = 0; at < 60; at++) writeFileSync(join(uploads, '2026', '11', `photo-${at}.jpg`), randomBytes(40_000))
  writeFileSync(join(uploads, 'odd [name]*?.txt'), 'a name that looks like a pattern')
  mkdirSync(repository)
  const ownDisk = smallDisk(repository, diskBytes, undefined)
  const people = writing(uploads)
  const settings = { program, repository, folder: uploads, work: join(folder, 'work') }
  const packs = () => largestFirst(join(repository, 'data'))
  const first = () => packs()[0] ?? ''
  return {
    engine: await makeEngine(settings),
    yard: createScratchYard(
      { folder: join(folder, 'scratch'), bin: '', as: undefined, database: '', superuser: '' },
      systemClock,
    ),
    url: '',
    plant: {
      flipByte: () => flip(first()),
      truncate: () => halve(first()),
      empty: () => hollow(join(repository, 'data')),
      loseSegment: noSegments,
      flipSegment: noSegments,
      fill: ownDisk ? (leaving) => fullWith(repository, uploads, leaving) : null,
    },
    remake: { module: new URL('../../../dist/test/support/backups/restic-remake.js', import.meta.url).href, settings },
    async close() {
      people.stop()
      unmounted(folder)
      rmSync(folder, { recursive: true, force: true })
    },
    ...{ folder, uploads, repository },
  }
}

const noSegments = async () => {
  throw new Error('files have no segments')
}

/** What is stored already takes no room again, so something new comes that does not fit. */
async function fullWith(repository: string, uploads: string, leaving: number): Promise<Heal> {
  writeFileSync(join(uploads, 'film.mp4'), randomBytes(4 * leaving))
  return filled(repository, leaving)
}

/** Each of five files is replaced again and again, as a whole. */
function writing(uploads: string): { stop(): void } {
  let at = 0
  const replace = () => {
    at += 1
    writeFileSync(join(uploads, '.half'), randomBytes(30_000))
    renameSync(join(uploads, '.half'), join(uploads, `replaced-${at % 5}.jpg`))
  }
  for (let n = 0; n < 5; n++) replace()
  const timer = setInterval(replace, 200)
  return { stop: () => clearInterval(timer) }
}
