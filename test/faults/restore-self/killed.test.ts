import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { order } from '../../store/orders.js'
import { type OwnPlace, ownPlace } from '../../support/restore-self/own-place.js'

/** Every file of a data folder, on which no server runs, by name and contents. */
function contentsOf(folder: string): string {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  for (const path of files.map(({ parentPath, name }) => join(parentPath, name)).sort())
    hash.update(path.slice(folder.length)).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}

describe('restore-self, killed', () => {
  let place: OwnPlace
  let before: string
  let lost: number

  beforeAll(async () => {
    place = await ownPlace()
    const { url, store, stop } = await place.start()
    await store.desk.submit(order())
    await place.take(url)
    lost = (await store.desk.submit(order())).run.id
    await stop()
    before = contentsOf(place.data)
  }, 240_000)
  afterAll(() => place?.close())

  /** The data of before, wherever it is now: in its place, or kept beside what came back. */
  const oldData = (): string => {
    const home = dirname(place.data)
    const kept = readdirSync(home).filter((name) => name.startsWith('data.before-'))
    return [place.data, ...kept.map((name) => join(home, name))].find(
      (folder) => existsSync(folder) && contentsOf(folder) === before,
    ) as string
  }

  test.each([
    ['while it restores', { killAt: /Restoring into/ }],
    ['while its scratch server recovers', { killAt: /Starting a scratch server/ }],
    ['while it follows the trail', { killAt: /Following the audit trail/ }],
    ['before it has said what it puts in place', { diesAt: 'before:renameSync:1' }],
  ])(
    '%s: the old data is as it was and serves, and nothing is left behind',
    async (_when, how) => {
      const killed = await place.terminal(['restore-self', '--yes'], how)
      expect(killed.code).toBeNull()
      expect(oldData()).toBe(place.data)
      // A dry run is a second start too: it cleans up, and changes nothing.
      expect(await place.terminal(['restore-self', '--dry-run'])).toMatchObject({ code: 0 })
      expect(place.left()).toEqual([])
      expect(oldData()).toBe(place.data)
    },
    240_000,
  )

  test('before its journal, and Shipmate starts next: it starts on the old data, and cleans up', async () => {
    expect((await place.terminal(['restore-self', '--yes'], { diesAt: 'before:renameSync:1' })).code).toBeNull()
    const { store, stop } = await place.start()
    expect(await store.desk.view(lost)).not.toBeNull()
    await stop()
    expect(place.left()).toEqual([])
    // It has run since: what is the old data now is what it left.
    before = contentsOf(place.data)
  }, 240_000)

  test('before the first name changes: restoring again finishes, and the old data is kept', async () => {
    expect((await place.terminal(['restore-self', '--yes'], { diesAt: 'before:renameSync:2' })).code).toBeNull()
    expect(oldData()).toBe(place.data)
    const { code, out } = await place.terminal(['restore-self', '--yes'])
    expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/It is finished now/) })
    expect(place.left()).toEqual([])
    expect(oldData()).toMatch(/data\.before-/)
    await broughtBackOnce()
  }, 240_000)

  test.each([['before:renameSync:3'], ['after:renameSync:3']])(
    'between the names (%s), and Shipmate starts next: never on an empty database, but on what came back',
    async (diesAt) => {
      const { stop } = await place.start()
      await stop()
      before = contentsOf(place.data)
      expect((await place.terminal(['restore-self', '--yes'], { diesAt })).code).toBeNull()
      expect(oldData()).toMatch(/data\.before-/)
      await broughtBackOnce()
      expect(place.left()).toEqual([])
      expect(oldData()).toMatch(/data\.before-/)
    },
    240_000,
  )

  /** What serves now is the backup, made ready once. */
  async function broughtBackOnce() {
    const { store, stop } = await place.start()
    try {
      expect(await store.audit.verify()).toMatchObject({ broken: [] })
      const back = (await store.audit.of(0)).filter(({ act }) => act === 'brought Shipmate back')
      expect(back).toHaveLength(1)
      expect(await store.desk.view(lost)).toBeNull()
    } finally {
      await stop()
    }
  }
})
