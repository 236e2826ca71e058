import { join, resolve } from 'node:path'
import type { FilesEngine } from '../../backups/files.js'
import { resolveSecret } from '../../config.js'
import { createResticEngine } from '../../integrations/backups/restic/engine.js'
import type { Source } from '../../integrations/backups/restic/source.js'
import { createFoldersSource } from '../../integrations/backups/restic/sources/folders.js'
import type { Log } from '../../log.js'
import type { Restic } from '../../releases/backups/files-policy.js'
import type { WorldParts } from '../world.js'

/** The engine of a set of files, with what it needs of this machine: a folder of its own in Shipmate's. */
export async function openFileSet(
  { config, env, log }: Pick<WorldParts, 'config' | 'env' | 'log'>,
  set: string,
  settings: Restic,
): Promise<FilesEngine> {
  const work = join(resolve(config?.dir ?? '.shipmate'), 'sets', set)
  const secret = (reference: string) => resolveSecret(reference, env)
  const source = await sourceOf(settings, { secret, work, log })
  return createResticEngine({ set, settings, source, secret, work })
}

async function sourceOf(
  { source }: Restic,
  { secret, work, log }: { secret(reference: string): Promise<string>; work: string; log: Log },
): Promise<Source> {
  switch (source.kind) {
    case 'folders':
      return createFoldersSource(source.folders)
    case 'bucket': {
      const { createBucketSource } = await import('../../integrations/backups/restic/sources/bucket.js')
      return createBucketSource({ from: source.from, secret, work })
    }
    case 'git': {
      const { createGitSource } = await import('../../integrations/backups/restic/sources/git.js')
      return createGitSource({ ...source, secret, work })
    }
    case 'certificates': {
      const { createCertificatesSource } = await import('../../integrations/backups/restic/sources/certificates.js')
      return createCertificatesSource({ ...source, work })
    }
    case 'configuration': {
      const { createConfigurationSource } = await import('../../integrations/backups/restic/sources/configuration.js')
      return createConfigurationSource({ ...source, secret, work, log })
    }
  }
}
