import { expect, test } from 'vitest'
import { createGroupCommit } from '../../../src/slack/front-door/group-commit.js'

/** A store whose writes end when the test says so. */
function slowStore() {
  const writes: { items: number[]; end(): void; fail(): void }[] = []
  const write = (items: number[]) =>
    new Promise<string[]>((resolve, reject) => {
      writes.push({
        items,
        end: () => resolve(items.map((item) => `wrote ${item}`)),
        fail: () => reject(new Error('no')),
      })
    })
  return { writes, write, begun: (count: number) => expect.poll(() => writes.length).toBe(count) }
}

function patient(write: (items: number[]) => Promise<string[]>, limits: { lanes: number; most: number }) {
  const commit = createGroupCommit({ write, late: () => {}, ...limits })
  return (item: number) => commit(item, Number.POSITIVE_INFINITY)
}

test('what arrives together is written together, and what arrives during the writes waits for the first that ends', async () => {
  const { writes, write, begun } = slowStore()
  const commit = patient(write, { lanes: 2, most: 100 })
  const first = [commit(1), commit(2)]
  await begun(1)
  const second = commit(3)
  await begun(2)
  const rest = [commit(4), commit(5), commit(6)]
  writes[1]?.end()
  await begun(3)
  writes[0]?.end()
  writes[2]?.end()
  expect(await Promise.all([...first, second, ...rest])).toEqual([1, 2, 3, 4, 5, 6].map((item) => `wrote ${item}`))
  expect(writes.map(({ items }) => items)).toEqual([[1, 2], [3], [4, 5, 6]])
})

test('a write that fails fails for its own items alone', async () => {
  const { writes, write, begun } = slowStore()
  const commit = patient(write, { lanes: 1, most: 2 })
  const all = Promise.allSettled([commit(1), commit(2), commit(3)])
  await begun(1)
  writes[0]?.fail()
  await begun(2)
  writes[1]?.end()
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
})

test('who waits too long is told so, and what came of it is told to whom it concerns', async () => {
  const { writes, write, begun } = slowStore()
  const late: string[] = []
  const commit = createGroupCommit<number, string>({
    write,
    late: (item, result) => late.push(`${item}: ${result}`),
    lanes: 1,
    most: 1,
  })
  const inTime = Number.POSITIVE_INFINITY
  const [writing, behind, patient] = [commit(1, 1), commit(2, 1), commit(3, inTime)]
  await begun(1)
  expect(await Promise.all([writing, behind])).toEqual(['too late', 'too late'])
  for (const number of [1, 2, 3]) {
    await begun(number)
    writes[number - 1]?.end()
  }
  expect(await patient).toBe('wrote 3')
  expect(late).toEqual(['1: wrote 1', '2: wrote 2'])
})
