import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a server needs beside the usual so that the embedded engine can take an increment of it, and go to a moment. */
export const backedUpSettings = ['summarize_wal=on', 'max_wal_size=256MB', 'wal_level=replica']

const script = fileURLToPath(new URL('../../../dist/test/support/restores/server.js', import.meta.url))

/** Where backups of a server in `dir` are stored, and what an operator would write so that its data can be brought back. */
export function backedUp(dir: string, settings: string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'shipmate-rehearsal-backups-'))
  // PostgreSQL runs as another user than root, who has to get through.
  chmodSync(folder, 0o755)
  const storage = join(folder, 'stored')
  mkdirSync(storage)
  const run = (what: 'stop' | 'start') =>
    JSON.stringify([process.execPath, script, what, dir, ...(what === 'start' ? settings : [])])
  return {
    section: `
backups:
  shop:
    engine: { embedded: { url: env:SUPER, storage: { path: ${storage} } } }
    proven: never
    beforeMigrations: false
    scratch: { folder: ${folder}/scratch, superuser: shipmate }
    restore:
      admin: env:SUPER
      swap:
        folder:
          data: ${dir}/data
          stop: { run: ${run('stop')}, within: 60s }
          start: { run: ${run('start')}, within: 60s }
`,
    /** Nothing can be stored any more: a file stands where the folder was. */
    takeAway() {
      renameSync(storage, `${storage}.away`)
      writeFileSync(storage, 'no folder')
    },
    putBack() {
      rmSync(storage, { force: true })
      renameSync(`${storage}.away`, storage)
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}
