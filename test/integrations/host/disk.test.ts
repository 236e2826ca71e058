import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createHost } from '../../../src/integrations/host/host.js'
import { hands, partsOf } from '../../support/watched/scene.js'

const dir = mkdtempSync(join(tmpdir(), 'shipmate-disk-'))
let mounted = false
beforeAll(() => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'none', dir], { stdio: 'pipe' })
    mounted = true
  } catch {
    process.stderr.write('\n!!!! a disk of its own cannot be mounted here: its size is made up\n\n')
  }
})
afterAll(() => {
  if (mounted) execFileSync('umount', [dir])
  rmSync(dir, { recursive: true, force: true })
})

const long = new Date('2026-01-01T00:00:00Z')

/** Its agent is away; the machine itself is what is looked at. */
const host = (watch: string) => {
  const parts = { ...partsOf(watch), secret: async () => 'token' }
  const placed = parts.catalogue.services.storefront?.environments.prod
  if (placed) delete parts.catalogue.services.storefront?.environments.prod
  const made = { disk: async (path: string) => ({ path, used: sizeOf(path), size: 4 * 1024 * 1024 }) }
  return hands(createHost(parts, { actions: [] }, ...(mounted ? [] : [made])))
}
const sizeOf = (path: string) => Number(execFileSync('du', ['-sb', path]).toString().split('\t')[0])

test('a disk that is full is found, and cleaning up removes old files out of the folders that are listed and nothing else', async () => {
  const [old, kept, outside] = [join(dir, 'tmp'), join(dir, 'data'), mkdtempSync(join(tmpdir(), 'shipmate-outside-'))]
  for (const folder of [join(old, 'deep'), kept]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(outside, 'precious.tmp'), 'x')
  utimesSync(join(outside, 'precious.tmp'), long, long)
  symlinkSync(outside, join(old, 'link'))
  for (let n = 0; n < 7; n++) writeFileSync(join(old, n % 2 ? 'deep' : '.', `cache-${n}.tmp`), Buffer.alloc(500_000))
  for (let n = 0; n < 7; n++) utimesSync(join(old, n % 2 ? 'deep' : '.', `cache-${n}.tmp`), long, long)
  writeFileSync(join(old, 'fresh.tmp'), 'x')
  writeFileSync(join(old, 'old.keep'), 'x')
  utimesSync(join(old, 'old.keep'), long, long)
  writeFileSync(join(kept, 'rows.tmp'), 'x')
  utimesSync(join(kept, 'rows.tmp'), long, long)

  const { check, act } = host(`disk: [${dir}]\nclean: [{ path: ${old}, olderThan: 7d, ending: .tmp }]`)
  expect(await check('host.disk', { maxShare: '80 %' })).toMatchObject({ outcome: 'fail', limit: '80 %' })
  const { output } = await act('host.clean')
  expect(output).toMatchObject({ files: 7, kept: 0 })
  expect((await check('host.disk', { maxShare: '80 %' })).outcome).toBe('pass')
  for (const file of [
    join(old, 'fresh.tmp'),
    join(old, 'old.keep'),
    join(kept, 'rows.tmp'),
    join(outside, 'precious.tmp'),
  ])
    expect(existsSync(file), file).toBe(true)
  expect((await act('host.clean')).output).toMatchObject({ files: 0 })
  rmSync(outside, { recursive: true })
})

test('memory and load are told with figures; what is not set up is skipped, and nothing is cleaned', async () => {
  const { check } = host(`disk: [${dir}]`)
  expect((await check('host.memory', { maxShare: 0.0001 })).outcome).toBe('fail')
  expect((await check('host.load')).summary).toMatch(/load [\d.]+ on \d+ processors/)
  expect((await host('probe: http://127.0.0.1:1/').check('host.disk')).outcome).toBe('skip')
  await expect(host('probe: http://127.0.0.1:1/').act('host.clean')).rejects.toMatchObject({ code: 'not-set-up' })
})
