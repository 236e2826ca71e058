import { join } from 'node:path'
import type { BackupEngine } from '../../../backups/engine.js'
import { inSession } from '../../postgres/session.js'
import { runProgram, runsAs } from '../programs.js'
import { clean } from './clean.js'
import { holding } from './holding.js'
import type { BackedUpDatabase, NativeParts } from './parts.js'
import { ready } from './ready.js'
import { remove } from './remove.js'
import { restore } from './restore.js'
import type { NativeSettings } from './settings.js'
import { take } from './take.js'
import { verify } from './verify.js'

/** The first version that writes increments. */
const withIncrements = 17

/** PostgreSQL's own tools and an archive in a folder. What it can do depends on the version of server and tools. */
export async function createNativeEngine(settings: NativeSettings, database: BackedUpDatabase): Promise<BackupEngine> {
  const incremental = (await version(settings, database)) >= withIncrements
  const parts: NativeParts = { settings, database, as: runsAs(settings.user), incremental }
  return {
    name: 'native',
    able: {
      kinds: incremental ? ['full', 'differential', 'incremental'] : ['full'],
      pointInTime: true,
      scratch: true,
      expires: true,
      cannot: [
        ...(incremental ? [] : ['It takes full backups only: increments need PostgreSQL 17 or later.']),
        'It neither packs nor encrypts what it stores.',
        'It takes no server that has tablespaces of its own.',
        'It never removes the last full backup.',
      ],
    },
    ready: (context) => ready(parts, context),
    take: (order, context) => take(parts, order, context),
    holding: (context) => holding(parts, context),
    verify: (label, context) => verify(parts, label, context),
    restore: (order, context) => restore(parts, order, context),
    remove: (labels, context) => remove(parts, labels, context),
    clean: (context) => clean(parts, context),
  }
}

/** The lower one of both; the tools' where the server cannot be asked, because backups can be read all the same. */
async function version({ bin }: NativeSettings, database: BackedUpDatabase): Promise<number> {
  const { signal } = new AbortController()
  const program = join(bin, 'pg_basebackup')
  const { output } = await runProgram({ program, words: ['--version'], signal, withinMs: 10_000 })
  const tools = Number(/\) (\d+)/.exec(output)?.[1] ?? 0)
  const server = await inSession(database.name, { url: await database.url() }, {}, (session) =>
    session.rows<{ version: number }>(`select current_setting('server_version_num')::int / 10000 as version`),
  ).catch(() => [])
  return Math.min(tools, server[0]?.version ?? tools)
}
