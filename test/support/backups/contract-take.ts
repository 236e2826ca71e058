import { expect, test } from 'vitest'
import { backupKinds, isSound } from '../../../src/backups/backup.js'
import { ShipmateError } from '../../../src/errors.js'
import type { Rig } from './engine-contract.js'
import { archived, contextFor, type Traits } from './engine-rig.js'

export function takeTests(rig: Rig, traits: Traits): void {
  test('it says what it can do, and what it cannot in sentences', async () => {
    const { able } = rig().engine
    expect({ kinds: able.kinds, pointInTime: able.pointInTime, scratch: able.scratch }).toEqual(traits)
    if (!backupKinds.every((kind) => able.kinds.includes(kind))) expect(able.cannot).not.toEqual([])
    for (const sentence of able.cannot) expect(sentence).toMatch(/^[A-Z].*\.$/)
  })

  test('it is ready: server, archive and storage were looked at', async () => {
    const { summary } = await rig().engine.ready(contextFor())
    expect(summary.length).toBeGreaterThan(10)
  })

  test('a database of which nothing was taken yet holds no backup and no span', async () => {
    const holding = await rig().engine.holding(contextFor())
    expect(holding.backups).toEqual([])
    expect(holding.spans).toEqual([])
  })

  test('nothing taken is not sound: there is nothing to restore', async () => {
    const verified = await rig().engine.verify(null, contextFor())
    expect(isSound(verified)).toBe(false)
  })

  test('a full backup under writes is in the storage with all that is said of it', async () => {
    const { engine } = rig()
    const context = contextFor()
    const before = Date.now()
    const taken = await engine.take({ kind: 'full', key: 'full-1', run: 41 }, context)
    expect(taken).toMatchObject({ kind: 'full', parent: null, run: 41, faults: [] })
    expect(taken.databaseBytes).toBeGreaterThan(1_000_000)
    expect(taken.storedBytes).toBeGreaterThan(100_000)
    expect(taken.endedAt.getTime()).toBeGreaterThanOrEqual(taken.startedAt.getTime())
    expect(taken.endedAt.getTime()).toBeGreaterThan(before - 2_000)
    const { backups } = await engine.holding(contextFor())
    expect(backups).toEqual([taken])
    expect(context.heard.some(({ done }) => done > 0)).toBe(true)
    expect(context.heard.at(-1)?.text).toMatch(/\d/)
  })

  test('a key that a backup carries already takes no second one', async () => {
    const { engine } = rig()
    const again = await engine.take({ kind: 'full', key: 'full-1', run: 41 }, contextFor())
    const { backups } = await engine.holding(contextFor())
    expect(backups).toEqual([again])
  })

  test('each kind that it can do names what it needs', async () => {
    const { engine } = rig()
    for (const kind of traits.kinds) await engine.take({ kind, key: `each-${kind}`, run: 42 }, contextFor())
    const { backups } = await engine.holding(contextFor())
    const full = backups.findLast(({ kind }) => kind === 'full')
    for (const kind of traits.kinds) {
      const taken = backups.findLast((backup) => backup.kind === kind)
      if (kind === 'full') expect(taken?.parent).toBeNull()
      if (kind === 'differential') expect(taken?.parent).toBe(full?.label)
      if (kind === 'incremental') expect(backups.map(({ label }) => label)).toContain(taken?.parent)
      expect(taken?.run).toBe(42)
    }
    const moments = backups.map(({ endedAt }) => endedAt.getTime())
    expect(moments).toEqual([...moments].sort((a, b) => a - b))
  })

  test('a kind that it cannot do is refused with the reason, and nothing is taken', async () => {
    const { engine } = rig()
    const before = await engine.holding(contextFor())
    for (const kind of backupKinds.filter((one) => !traits.kinds.includes(one))) {
      const no = await engine.take({ kind, key: `cannot-${kind}`, run: 43 }, contextFor()).catch((thrown) => thrown)
      expect(no).toBeInstanceOf(ShipmateError)
      expect(no).toMatchObject({ kind: 'refused', next: expect.stringMatching(/./) })
    }
    expect((await engine.holding(contextFor())).backups).toEqual(before.backups)
  })

  test('every byte is read back, of one backup with what it needs and of everything', async () => {
    const { engine } = rig()
    if (traits.pointInTime) await archived(rig().url)
    const { backups } = await engine.holding(contextFor())
    const last = backups.at(-1)
    const one = await engine.verify(last?.label ?? '', contextFor())
    const all = await engine.verify(null, contextFor())
    for (const verified of [one, all]) expect(verified.defects).toEqual([])
    expect(isSound(all)).toBe(true)
    expect(one.bytes).toBeGreaterThan((last?.storedBytes ?? 0) * 0.9)
    expect(all.bytes).toBeGreaterThan(one.bytes)
  })

  test('a backup that is not there cannot be read back', async () => {
    const no = await rig()
      .engine.verify('never-taken', contextFor())
      .catch((thrown) => thrown)
    expect(no).toBeInstanceOf(ShipmateError)
  })
}

export function removeTests(rig: Rig, traits: Traits): void {
  test('what is removed goes with all that needs it; what is kept is whole', async () => {
    const { engine, url } = rig()
    const kept = await engine.take({ kind: 'full', key: 'kept', run: 60 }, contextFor())
    if (traits.pointInTime) await archived(url)
    const before = await engine.holding(contextFor())
    const gone = before.backups.filter(({ label, kind }) => kind === 'full' && label !== kept.label)
    const { freedBytes } = await engine.remove(
      gone.map(({ label }) => label),
      contextFor(),
    )
    const after = await engine.holding(contextFor())
    expect(after.backups).toEqual([kept])
    expect(freedBytes).toBeGreaterThan(0)
    expect(after.storedBytes).toBeLessThan(before.storedBytes)
    if (traits.pointInTime) expect(after.archive?.missing).toEqual([])
    if (traits.pointInTime) expect(after.spans.at(0)?.from).toEqual(kept.endedAt)
    expect((await engine.verify(null, contextFor())).defects).toEqual([])
  })

  test('removing what is not there changes nothing', async () => {
    const { engine } = rig()
    const before = await engine.holding(contextFor())
    await engine.remove(['never-taken'], contextFor())
    expect((await engine.holding(contextFor())).backups).toEqual(before.backups)
  })
}
