import { z } from 'zod'
import type { FilesEngine } from '../../../src/backups/files.js'
import { createResticEngine } from '../../../src/integrations/backups/restic/engine.js'
import { createFoldersSource } from '../../../src/integrations/backups/restic/sources/folders.js'
import type { JsonObject } from '../../../src/json.js'
import type { Restic } from '../../../src/releases/backups/files-policy.js'

const settingsSchema = z.object({ program: z.string(), repository: z.string(), folder: z.string(), work: z.string() })

export const resticSettings = (program: string, repository: string, more: Partial<Restic> = {}): Restic => ({
  driver: 'restic',
  program,
  repository: { kind: 'path', path: repository },
  password: 'env:RESTIC_PASSWORD',
  source: { kind: 'folders', folders: [] },
  sample: 50,
  shrinks: 0.5,
  ...more,
})

/** The engine of a rig on a folder of uploads, in this process or in another one. */
export async function makeEngine(settings: JsonObject): Promise<FilesEngine> {
  const { program, repository, folder, work } = settingsSchema.parse(settings)
  return createResticEngine({
    set: 'uploads',
    settings: resticSettings(program, repository),
    source: createFoldersSource([folder]),
    secret: async () => 'a password of the tests',
    work,
  })
}
