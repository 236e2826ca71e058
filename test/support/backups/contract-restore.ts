import { afterAll, expect, test } from 'vitest'
import type { RestorePoint } from '../../../src/backups/backup.js'
import { ShipmateError } from '../../../src/errors.js'
import type { Rig } from './engine-contract.js'
import { archived, contextFor, type EngineRig, mark, markersOf, rowsOf, type Traits } from './engine-rig.js'

export function restoreTests(rig: Rig, traits: Traits): void {
  const folders: string[] = []
  afterAll(async () => {
    for (const folder of folders) await rig().yard.remove(folder)
  })

  const back = async (point: RestorePoint) => {
    const restored = await markersAt(rig(), point)
    folders.push(restored.folder)
    return restored.markers
  }

  if (!traits.scratch) return

  test('the end of a backup is brought back without what came after it', async () => {
    const { engine, url } = rig()
    await mark(url, 'before the backup')
    const taken = await engine.take({ kind: traits.kinds.at(-1) ?? 'full', key: 'ends', run: 50 }, contextFor())
    await mark(url, 'after the backup')
    if (traits.pointInTime) await archived(url)
    const markers = await back({ kind: 'backup', label: taken.label })
    expect(markers).toContain('before the backup')
    expect(markers).not.toContain('after the backup')
  })

  if (!traits.pointInTime) return

  test('the span tells what can be brought back: from the end of a backup to the end of the archive', async () => {
    const { engine, url } = rig()
    const { at } = await mark(url, 'in the archive')
    await rowsOf(url, 'insert into markers (name) values ($1)', ['a commit after it'])
    await archived(url)
    const { spans, backups, archive } = await engine.holding(contextFor())
    expect(spans).toHaveLength(1)
    expect(spans[0]?.from).toEqual(backups[0]?.endedAt)
    expect(spans[0]?.to.getTime()).toBeGreaterThanOrEqual(at.getTime())
    expect(spans[0]?.to.getTime()).toBeLessThanOrEqual(Date.now())
    expect(archive).toMatchObject({ missing: [], failing: null })
    expect(archive?.lastSegment).toMatch(/^[0-9A-F]{24}$/)
    expect(archive?.lastAt?.getTime()).toBeGreaterThan(at.getTime() - 5_000)
  })

  test('a second, a named point and an LSN bring back what was committed just before, and not what came just after', async () => {
    const { url } = rig()
    const time = await mark(url, 'just before the second')
    await mark(url, 'just after the second')
    await mark(url, 'just before the name')
    await rowsOf(url, `select pg_create_restore_point('before-the-migration')`)
    await mark(url, 'just after the name')
    const lsn = await mark(url, 'just before the lsn')
    await mark(url, 'just after the lsn')
    await archived(url)

    const bySecond = await back({ kind: 'time', at: time.at })
    expect(bySecond).toContain('just before the second')
    expect(bySecond).not.toContain('just after the second')
    const byName = await back({ kind: 'name', name: 'before-the-migration' })
    expect(byName).toContain('just before the name')
    expect(byName).not.toContain('just after the name')
    const byLsn = await back({ kind: 'lsn', lsn: lsn.lsn })
    expect(byLsn).toContain('just before the lsn')
    expect(byLsn).not.toContain('just after the lsn')
  }, 240_000)

  test('a point before the last backup is brought back from an earlier one', async () => {
    const { engine, url } = rig()
    await engine.take({ kind: 'full', key: 'later', run: 51 }, contextFor())
    await archived(url)
    const markers = await back({ kind: 'name', name: 'before-the-migration' })
    expect(markers).toContain('just before the name')
    expect(markers).not.toContain('just after the name')
  })

  test('the last moment of the span can be brought back', async () => {
    const { engine, url } = rig()
    await mark(url, 'near the end')
    await mark(url, 'the end')
    await archived(url)
    const { spans } = await engine.holding(contextFor())
    const markers = await back({ kind: 'time', at: spans.at(-1)?.to ?? new Date(0) })
    expect(markers).toContain('near the end')
  })

  test('the latest is all that was archived', async () => {
    const { url } = rig()
    await mark(url, 'the newest of all')
    await archived(url)
    expect(await back({ kind: 'latest' })).toContain('the newest of all')
  })

  test('a moment, a name and a label that were never there are refused with the reason', async () => {
    const points: RestorePoint[] = [
      { kind: 'time', at: new Date(Date.now() + 3_600_000) },
      { kind: 'time', at: new Date('2020-01-01T00:00:00Z') },
      { kind: 'name', name: 'nobody-made-this' },
      { kind: 'backup', label: 'never-taken' },
    ]
    for (const point of points) {
      const no = await markersAt(rig(), point).catch((thrown) => thrown)
      expect(no, JSON.stringify(point)).toBeInstanceOf(ShipmateError)
      expect(no).toMatchObject({ kind: 'failed', next: expect.stringMatching(/./) })
    }
    for (const { folder } of await rig().yard.left()) await rig().yard.remove(folder)
  })
}

/** Restores into the yard, starts a server on it and reads the markers; the server is stopped, the files stay. */
async function markersAt({ engine, yard }: EngineRig, point: RestorePoint) {
  const key = `contract-${JSON.stringify(point)}`
  const folder = await yard.folder(key, 64 * 1024 * 1024)
  const restored = await engine.restore({ point, into: folder }, contextFor())
  expect(restored.bytes).toBeGreaterThan(1_000_000)
  const server = await yard.start(folder, contextFor())
  try {
    return { folder, markers: await markersOf(server.url) }
  } finally {
    await server.stop()
  }
}
