import fc from 'fast-check'
import { expect, test } from 'vitest'
import { choose } from '../../../playground/proxy/choose.js'

const candidates = (weights: number[]) => weights.map((weight, index) => ({ index, weight, current: 0 }))

test('over one full round each gets exactly its weight', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }), (weights) => {
      const all = candidates(weights)
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      const turns = weights.map(() => 0)
      for (let turn = 0; turn < total; turn += 1) {
        const index = choose(all)?.index ?? -1
        turns[index] = (turns[index] ?? 0) + 1
      }
      expect(turns).toEqual(weights)
    }),
  )
})

test('a heavy one does not get all its turns in a row', () => {
  const all = candidates([5, 1, 1])
  const order = Array.from({ length: 7 }, () => choose(all)?.index)
  expect(order).toEqual([0, 0, 1, 0, 2, 0, 0])
})

test('nobody is chosen when nobody has weight', () => {
  expect(choose(candidates([0, 0]))).toBeNull()
  expect(choose([])).toBeNull()
})
