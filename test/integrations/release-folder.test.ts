import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildReleases } from '../../examples/storefront/build-releases.js'
import { createReleaseFolder } from '../../src/integrations/release-folder.js'
import { newestFirst } from '../../src/integrations/versions.js'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shipmate-releases-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function write(folder: string, content: string): void {
  mkdirSync(join(dir, folder))
  writeFileSync(join(dir, folder, 'release.json'), content)
}

test('lists the releases of the shop, newest first, with what they bring', async () => {
  await buildReleases(dir)
  const releases = await createReleaseFolder({ dir }).list('storefront')
  expect(releases.map(({ version }) => version)).toEqual([
    'v2.0.0-rc.3',
    'v2.0.0-rc.2',
    'v2.0.0-rc.1',
    'v1.9.1',
    'v1.9.0',
    'v1.8.1',
    'v1.8.0',
    'v1.7.3',
  ])
  expect(releases[6]).toMatchObject({
    service: 'storefront',
    builtAt: new Date('2026-10-19T13:40:00.000Z'),
    migrations: [{ name: '003_order_gift_note.sql', safe: true }],
  })
})

test('finds one by its exact version, and null where there is none', async () => {
  await buildReleases(dir)
  const source = createReleaseFolder({ dir })
  expect((await source.find('storefront', 'v1.8.0'))?.commit).toMatch(/^[0-9a-f]{40}$/)
  expect(await source.find('storefront', 'v1.8')).toBeNull()
  expect(await source.find('another', 'v1.8.0')).toBeNull()
})

test('a broken release.json names the file, what was wanted, what came and what to do', async () => {
  write('v1', '{"service":"storefront","version":"<!channel>","commit":"123"}')
  await expect(createReleaseFolder({ dir }).find('storefront', 'v1')).rejects.toMatchObject({
    kind: 'failed',
    code: 'release-broken',
    message: `${join(dir, 'v1', 'release.json')} does not describe a release`,
    came: expect.stringContaining('commit: expected a full commit of 40 hex digits'),
    next: 'Build the release again, or take its folder away.',
  })
})

test('a broken release keeps nobody from the others', async () => {
  await buildReleases(dir)
  write('v9.9.9', 'half writ')
  const versions = (await createReleaseFolder({ dir }).list('storefront')).map(({ version }) => version)
  expect(versions).toContain('v1.7.3')
  expect(versions).not.toContain('v9.9.9')
})

test('text that is not JSON is told as that', async () => {
  write('v1', 'oops')
  await expect(createReleaseFolder({ dir }).find('storefront', 'v1')).rejects.toMatchObject({
    came: expect.stringMatching(/^not JSON: /),
  })
})

test('a folder that is not there says which setting to check', async () => {
  await expect(createReleaseFolder({ dir: join(dir, 'none') }).list('storefront')).rejects.toMatchObject({
    code: 'releases-unreadable',
    came: 'ENOENT',
    next: 'Check releases.path in the operator’s file.',
  })
})

test('folders without a release.json are no releases', async () => {
  mkdirSync(join(dir, 'assets'))
  expect(await createReleaseFolder({ dir }).list('storefront')).toEqual([])
})

test('versions are ordered as people mean them', () => {
  const versions = [
    'v1.9.2',
    'nightly',
    'v1.10.0',
    'v1.9.0-rc.2',
    'v1.9.0',
    'v1.9.0-rc.10',
    'v2.0.0-alpha',
    'v1.9.0-beta',
  ]
  expect(versions.sort(newestFirst)).toEqual([
    'v2.0.0-alpha',
    'v1.10.0',
    'v1.9.2',
    'v1.9.0',
    'v1.9.0-rc.10',
    'v1.9.0-rc.2',
    'v1.9.0-beta',
    'nightly',
  ])
})
