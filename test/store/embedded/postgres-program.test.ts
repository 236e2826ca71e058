import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../../src/log.js'
import { hydrate, reachableCopy, reachableFor, stableFolder } from '../../../src/store/embedded/postgres-program.js'

let dir: string
beforeEach(() => {
  const own = mkdtempSync(join(tmpdir(), 'shipmate-program-'))
  dir = own
  onTestFinished(() => rmSync(own, { recursive: true, force: true }))
})

const stranger = { uid: 54321, gid: 54321 }

test('links that the package’s install script would have made are made at start', () => {
  mkdirSync(join(dir, 'native', 'lib'), { recursive: true })
  writeFileSync(join(dir, 'native', 'lib', 'libicu.so.60.2'), 'library')
  const links = [{ source: 'native/lib/libicu.so.60.2', target: 'native/lib/libicu.so.60' }]
  writeFileSync(join(dir, 'native', 'pg-symlinks.json'), JSON.stringify(links))
  hydrate(dir)
  hydrate(dir)
  expect(readFileSync(join(dir, 'native', 'lib', 'libicu.so.60'), 'utf8')).toBe('library')
})

test('a program inside a closed folder is copied once to where its user can reach it', () => {
  const native = join(dir, 'native')
  mkdirSync(join(native, 'bin'), { recursive: true })
  writeFileSync(join(native, 'bin', 'postgres'), 'program', { mode: 0o755 })
  // mkdtemp made the folder for its owner alone.
  expect(statSync(dir).mode & 0o777).toBe(0o700)
  expect(reachableFor(stranger, native)).toBe(false)
  expect(reachableCopy(undefined, native, silentLog)).toBe(native)
  const copy = reachableCopy(stranger, native, silentLog)
  onTestFinished(() => rmSync(dirname(copy), { recursive: true, force: true }))
  expect(reachableFor(stranger, copy)).toBe(true)
  expect(readFileSync(join(copy, 'bin', 'postgres'), 'utf8')).toBe('program')
  writeFileSync(join(native, 'bin', 'postgres'), 'later')
  expect(reachableCopy(stranger, native, silentLog)).toBe(copy)
  expect(readFileSync(join(copy, 'bin', 'postgres'), 'utf8')).toBe('program')
})

test.skipIf(process.getuid?.() !== 0)('a folder of somebody else where ours should be is refused', async () => {
  const { chownSync } = await import('node:fs')
  const ours = stableFolder('test', dir)
  onTestFinished(() => rmSync(ours, { recursive: true, force: true }))
  chownSync(ours, stranger.uid, stranger.gid)
  expect(() => stableFolder('test', dir)).toThrow(expect.objectContaining({ code: 'embedded-folder-foreign' }))
  expect(existsSync(ours)).toBe(true)
})
