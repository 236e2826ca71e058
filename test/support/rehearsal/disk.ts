import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const long = new Date('2026-01-01T00:00:00Z')

/** A disk of four megabytes that can run full; null where none can be mounted, which is said loudly. */
export function smallDisk() {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-rehearsal-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', dir], { stdio: 'pipe' })
  } catch {
    rmSync(dir, { recursive: true, force: true })
    process.stderr.write('\n!!!! NOT TESTED: a full disk, because none of its own can be mounted here\n\n')
    return null
  }
  const old = join(dir, 'old')
  mkdirSync(old)
  return {
    dir,
    old,
    /** Old files until hardly anything else fits. */
    fill() {
      for (let n = 0; n < 8; n++) {
        writeFileSync(join(old, `${n}.log`), Buffer.alloc(500_000))
        utimesSync(join(old, `${n}.log`), long, long)
      }
    },
    close() {
      execFileSync('umount', [dir])
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
