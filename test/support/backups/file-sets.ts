import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBackupSide } from '../../../src/app/backups/engines.js'
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { createDeskWorld } from '../desk-world.js'
import { shopCatalogue } from '../shop.js'
import { unmounted } from './local-server.js'
import { backedUpText } from './plain-place.js'

export const resticPassword = 'a password that nobody is shown'

/**
 * The shop with one set of files as the operator's file has it: `source` is the YAML of its source, `more` further keys
 * of its engine. What takes and restores is the product's own, with the real restic.
 */
export async function createSetWorld(
  set: string,
  sourceIn: (folder: string) => string,
  { program = '/usr/bin/restic', more = '' }: { program?: string; more?: string } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'shipmate-set-'))
  mkdirSync(join(folder, 'disk'))
  const repository = join(folder, 'disk', 'repository')
  const text = `${backedUpText()}  ${set}:
    home: { service: storefront, environment: prod }
    engine:
      restic:
        program: ${program}
        repository: { path: ${repository} }
        password: env:RESTIC_PASSWORD
        source: ${sourceIn(folder)}
${more}`
  const config = { dir: join(folder, 'shipmate') }
  const env = { RESTIC_PASSWORD: resticPassword }
  const catalogue = shopCatalogue(text)
  const side = createBackupSide({ catalogue, env, config, clock: systemClock, log: silentLog })
  const world = await createDeskWorld({ text, backups: side })
  return {
    ...{ folder, repository, world, env },
    scratch: join(config.dir, 'scratch', set),
    work: join(config.dir, 'sets', set),
    async close() {
      await world.close()
      unmounted(folder)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
