import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readGuideFolder, shippedGuides } from '../../src/integrations/guide-folder.js'

let dir: string
let shipped: string
let own: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'shipmate-guides-'))
  shipped = join(dir, 'shipped')
  own = join(dir, 'own')
  mkdirSync(shipped)
  mkdirSync(own)
})
afterEach(() => {
  chmodSync(own, 0o755)
  rmSync(dir, { recursive: true, force: true })
})

const guide = (title: string) => `# ${title}\n\n## Look\n`
const titles = async (parts: Parameters<typeof readGuideFolder>[0]) => {
  const { guides, broken } = await readGuideFolder({ shipped, own, ...parts })
  return {
    guides: guides.map((one) => [one.guide.name, one.guide.title, one.from]),
    broken: broken.map(({ name, error, standIn }) => [name, error.code, standIn]),
  }
}

test('the guides that come with Shipmate are found beside the sources', async () => {
  expect(shippedGuides).toBe(join(process.cwd(), 'guides'))
  expect((await readGuideFolder()).guides.length).toBeGreaterThan(10)
})

test('an operator’s guide replaces the one of the same name, and its text is kept with it', async () => {
  writeFileSync(join(shipped, 'a.md'), guide('Shipped A'))
  writeFileSync(join(shipped, 'b.md'), guide('Shipped B'))
  writeFileSync(join(own, 'b.md'), guide('Own B'))
  expect(await titles({})).toEqual({
    guides: [
      ['a', 'Shipped A', 'shipped'],
      ['b', 'Own B', 'own'],
    ],
    broken: [],
  })
  const { guides } = await readGuideFolder({ shipped, own })
  expect(guides[1]?.markdown).toBe(guide('Own B'))
})

test('a broken guide is told, stops no other, and the shipped one of its name stands in', async () => {
  writeFileSync(join(shipped, 'a.md'), guide('Shipped A'))
  writeFileSync(join(own, 'a.md'), '# Own A\n\nno step')
  writeFileSync(join(own, 'Not a name.md'), guide('X'))
  writeFileSync(join(own, 'huge.md'), `${guide('Huge')}${'x'.repeat(300_000)}`)
  writeFileSync(join(own, 'good.md'), guide('Good'))
  const found = await titles({})
  expect(found.guides).toEqual([
    ['a', 'Shipped A', 'shipped'],
    ['good', 'Good', 'own'],
  ])
  expect(found.broken.sort()).toEqual([
    ['Not a name', 'guide-invalid', false],
    ['a', 'guide-invalid', true],
    ['huge', 'guide-invalid', false],
  ])
})

test('a guide that names what is not there is broken, too', async () => {
  writeFileSync(join(own, 'a.md'), guide('A'))
  const check = () => [{ line: 3, wanted: 'a check that exists', came: 'x', next: 'Correct it.' }]
  expect((await titles({ check })).broken).toEqual([['a', 'guide-invalid', false]])
})

test('other files in the folder are left alone', async () => {
  writeFileSync(join(own, 'README.md'), 'How we write them.')
  writeFileSync(join(own, '.a.md.swp'), '')
  writeFileSync(join(own, 'notes.txt'), '')
  expect(await titles({})).toEqual({ guides: [], broken: [] })
})

test('a folder that is not there is told, and the guides that came with Shipmate are there', async () => {
  writeFileSync(join(shipped, 'a.md'), guide('A'))
  const missing = join(dir, 'missing')
  expect(await titles({ own: missing })).toEqual({
    guides: [['a', 'A', 'shipped']],
    broken: [[missing, 'guides-unreadable', false]],
  })
})
