import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { codesIn, paragraphsIn } from './support/error-codes.js'
import { sourceFiles } from './support/source-files.js'

const codes = codesIn(sourceFiles('src'))
const paragraphs = paragraphsIn(readFileSync('docs/errors.md', 'utf8'))
const documented = [...paragraphs.keys()]
const isFamily = (code: string) => code.endsWith('*')
const belongs = (code: string) => (family: string) => isFamily(family) && code.startsWith(family.slice(0, -1))

test('every code that people can see has a paragraph in docs/errors.md', () => {
  const missing = codes.filter((code) =>
    isFamily(code) ? !documented.some((name) => name.startsWith(code.slice(0, -1))) : !documented.includes(code),
  )
  expect(missing).toEqual([])
})

test('docs/errors.md describes no code that is not there', () => {
  const stale = documented.filter((name) => !codes.includes(name) && !codes.some(belongs(name)))
  expect(stale).toEqual([])
})

test('every paragraph says what happened and what to do', () => {
  const thin = [...paragraphs].filter(([, text]) => text.length < 60).map(([code]) => code)
  expect(thin).toEqual([])
})

test('codes are found however they are written', () => {
  const text = `refused('a-one', 'x'); new ShipmateError('failed', 'b-two', 'x'); const r = { code: 'c-three', text: '' }
    faulted(late ? 'd-four' : 'e-five', 'x'); const s = { code: \`step-\${state}\` }; log.warn({ code: error.code }, 'x')`
  expect(codesIn([{ path: 'x.ts', text }])).toEqual(['a-one', 'b-two', 'c-three', 'd-four', 'e-five', 'step-*'])
})
