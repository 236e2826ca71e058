import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

type Row = { number: number; line: string; does: string; state: string; proof: string | null }

const rows = rowsIn(readFileSync('docs/capabilities.md', 'utf8'))

test('each of the 173 lines of the deployment guide stands in docs/capabilities.md once, in order', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 173 }, (_, index) => index + 1))
  expect(rows.filter(({ line, does }) => line === '' || does === '')).toEqual([])
})

test('every state is one of the four words', () => {
  const others = rows.filter(({ state }) => !/^(works|works, opt-in|part \(.+\)|planned)$/.test(state))
  expect(others).toEqual([])
})

test('whatever is claimed names a test that is there, contains tests and is not skipped', () => {
  expect(rows.flatMap(problemsOf)).toEqual([])
})

test('a claim without a proof, with a missing one or with a skipped one is found', () => {
  const claim = { number: 1, line: 'x', does: 'y', state: 'works' }
  expect(problemsOf({ ...claim, proof: null })).toHaveLength(1)
  expect(problemsOf({ ...claim, proof: 'test/nowhere.test.ts' })).toHaveLength(1)
  expect(problemsOf({ ...claim, proof: 'test/support/parts.ts' })).toHaveLength(1)
  expect(problemsOf({ ...claim, proof: 'test/capabilities.test.ts' })).toEqual([])
  expect(problemsOf({ ...claim, state: 'planned', proof: 'test/capabilities.test.ts' })).toHaveLength(1)
})

function rowsIn(markdown: string): Row[] {
  return markdown
    .split('\n')
    .filter((line) => /^\| \d+ \|/.test(line))
    .map((line) => {
      const [number, name = '', does = '', last = ''] = line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''))
      const proof = /· `([^`]+)`$/.exec(last.trim())?.[1] ?? null
      return { number: Number(number), line: name, does, state: last.replace(/ · `[^`]+`$/, '').trim(), proof }
    })
}

function problemsOf({ number, state, proof }: Row): string[] {
  if (state === 'planned') return proof ? [`${number} is planned, yet names a test`] : []
  if (!proof) return [`${number} names no test`]
  if (!/^test\/.*\.test\.tsx?$/.test(proof) || !existsSync(proof)) return [`${number}: there is no test ${proof}`]
  const text = readFileSync(proof, 'utf8')
  const optional = /\boptIn\(/.test(text)
  return [
    ...(/^\s*(test|it)(\.\w+)*\(/m.test(text) ? [] : [`${number}: ${proof} contains no test`]),
    ...(/\b(test|it|describe)\.(skip|todo)\(/.test(text) ? [`${number}: ${proof} is skipped`] : []),
    ...(optional && state === 'works' ? [`${number}: ${proof} is opt-in, so the state is "works, opt-in"`] : []),
  ]
}
