import { expect, test } from 'vitest'
import { isSound } from '../../../src/backups/backup.js'
import { ShipmateError } from '../../../src/errors.js'
import type { Rig } from './engine-contract.js'
import { archived, contextFor, type Heal, type Traits } from './engine-rig.js'

function notTested(what: string): void {
  if (process.env.CI) throw new Error(`NOT TESTED: ${what}`)
  process.stderr.write(`\n!!!! NOT TESTED: ${what}\n\n`)
}

export function corruptionTests(rig: Rig, traits: Traits): void {
  /** What reading back says while something is planted, and that it is well again afterwards. */
  const seen = async (label: string | null, planted: Heal) => {
    const { engine } = rig()
    try {
      return await engine.verify(label, contextFor())
    } finally {
      await planted()
      expect((await engine.verify(null, contextFor())).defects).toEqual([])
    }
  }
  const newest = async () => {
    const { backups } = await rig().engine.holding(contextFor())
    const label = backups.at(-1)?.label
    if (label === undefined) throw new Error('there is no backup to plant anything in')
    return label
  }

  test.each(['flipByte', 'truncate', 'empty'] as const)(
    '%s: the backup is not sound, and it is said where',
    async (what) => {
      const label = await newest()
      for (const asked of [label, null]) {
        const verified = await seen(asked, await rig().plant[what](label))
        expect(isSound(verified)).toBe(false)
        expect(verified.defects[0]?.where).toMatch(/./)
        expect(verified.defects[0]?.what).toMatch(/./)
      }
    },
    240_000,
  )

  if (!traits.pointInTime) return

  test('a segment that is missing ends the span before it, and is named', async () => {
    const { engine, url, plant } = rig()
    await archived(url)
    const segment = (await engine.holding(contextFor())).archive?.lastSegment ?? ''
    await archived(url)
    await archived(url)
    const heal = await plant.loseSegment(segment)
    const holding = await engine.holding(contextFor())
    const verified = await seen(null, heal)
    expect(holding.archive?.missing).toEqual([segment])
    expect(holding.spans).toHaveLength(1)
    const whole = await engine.holding(contextFor())
    expect(holding.spans[0]?.to.getTime()).toBeLessThan(whole.spans[0]?.to.getTime() ?? 0)
    expect(isSound(verified)).toBe(false)
    expect(verified.defects.map(({ where }) => where).join()).toContain(segment)
  }, 240_000)

  test('a backup after the missing segment begins a span of its own', async () => {
    const { engine, url, plant } = rig()
    const segment = (await engine.holding(contextFor())).archive?.lastSegment ?? ''
    await archived(url)
    await engine.take({ kind: 'full', key: 'after the hole', run: 55 }, contextFor())
    await archived(url)
    const heal = await plant.loseSegment(segment)
    const { spans, backups } = await engine.holding(contextFor())
    await heal()
    expect(spans).toHaveLength(2)
    expect(spans[1]?.from).toEqual(backups.at(-1)?.endedAt)
  })

  test('a byte that changed in a segment is found', async () => {
    const { engine, url, plant } = rig()
    await archived(url)
    const segment = (await engine.holding(contextFor())).archive?.lastSegment ?? ''
    const verified = await seen(null, await plant.flipSegment(segment))
    expect(isSound(verified)).toBe(false)
    expect(verified.defects.map(({ where }) => where).join()).toContain(segment)
  }, 240_000)

  test('a storage that is full in the middle fails the backup with the reason, and nothing of it counts', async () => {
    const { engine, plant } = rig()
    if (plant.fill === null) return notTested('a full storage, because no disk could be mounted for it')
    const before = await engine.holding(contextFor())
    const heal = await plant.fill(512 * 1024)
    const no = await engine.take({ kind: 'full', key: 'no room', run: 56 }, contextFor()).catch((thrown) => thrown)
    await heal()
    expect(no).toBeInstanceOf(ShipmateError)
    expect(no).toMatchObject({ kind: 'failed' })
    expect(`${no.message} ${no.came}`).toMatch(/space|room|full/i)
    await engine.clean(contextFor())
    expect((await engine.holding(contextFor())).backups).toEqual(before.backups)
    const taken = await engine.take({ kind: 'full', key: 'no room', run: 56 }, contextFor())
    expect((await engine.holding(contextFor())).backups.at(-1)).toEqual(taken)
  }, 240_000)
}
