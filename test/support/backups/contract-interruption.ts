import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ShipmateError } from '../../../src/errors.js'
import type { Rig } from './engine-contract.js'
import { contextFor } from './engine-rig.js'
import { kill, takeElsewhere } from './killed-take.js'

export function interruptionTests(rig: Rig): void {
  test('a backup that a person stops leaves nothing that counts, and the next one is taken', async () => {
    const { engine } = rig()
    const before = await engine.holding(contextFor())
    const context = contextFor()
    context.onProgress = () => context.abort()
    const no = await engine.take({ kind: 'full', key: 'stopped', run: 57 }, context).catch((thrown) => thrown)
    expect(no).toBeInstanceOf(ShipmateError)
    expect(no).toMatchObject({ kind: 'stopped' })
    expect((await engine.holding(contextFor())).backups).toEqual(before.backups)
    await engine.clean(contextFor())
    const taken = await engine.take({ kind: 'full', key: 'stopped', run: 57 }, contextFor())
    expect((await engine.holding(contextFor())).backups).toEqual([...before.backups, taken])
  }, 240_000)

  test('after kill -9 of whoever took it, cleaning up and asking again takes it once', async () => {
    const { engine } = rig()
    const before = await engine.holding(contextFor())
    const order = { kind: 'full' as const, key: 'killed', run: 58 }
    await kill(await takeElsewhere(rig(), order))
    await engine.clean(contextFor())
    expect(await engine.clean(contextFor())).toEqual({ removed: [] })
    const taken = await engine.take(order, contextFor())
    const after = await engine.holding(contextFor())
    expect(after.backups).toEqual([...before.backups, taken])
    expect((await engine.verify(taken.label, contextFor())).defects).toEqual([])
  }, 240_000)

  test('a restore that is stopped leaves an empty folder', async () => {
    const { engine, yard } = rig()
    if (!engine.able.scratch) return
    const folder = await yard.folder('contract-stopped', 1_000_000)
    const context = contextFor()
    context.onProgress = () => context.abort()
    const no = await engine.restore({ point: { kind: 'latest' }, into: folder }, context).catch((thrown) => thrown)
    expect(no).toMatchObject({ kind: 'stopped' })
    expect(readdirSync(folder)).toEqual([])
    await yard.remove(folder)
  })
}
