import { posix } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { type SourceFile, sourceFiles, walk } from './support/source-files.js'

const product = sourceFiles('src', 'playground', 'examples')
const tests = sourceFiles('test')
// What this file says is forbidden stands in it.
const others = tests.filter(({ path }) => path !== 'test/house.test.ts')

test('nothing is typed as any, and no rule of the compiler is switched off', () => {
  const found = [...product, ...others].flatMap((file) => [
    ...placesOf(file, (node) => node.kind === ts.SyntaxKind.AnyKeyword),
    ...linesWith(file, /@ts-(ignore|nocheck|expect-error)/),
  ])
  expect(found).toEqual([])
})

test('nothing is left for later in a comment', () => {
  const found = [...product, ...others].flatMap((file) => linesWith(file, /\b(TODO|FIXME|XXX|HACK)\b/))
  expect(found).toEqual([])
})

test('no file is longer than 300 lines', () => {
  const long = product.filter(({ text }) => text.trimEnd().split('\n').length > 300).map(({ path }) => path)
  expect(long).toEqual([])
})

test('no function is longer than 60 lines', () => {
  expect(product.flatMap(longFunctions)).toEqual([])
})

// A folder with one file a method of Slack's, and the engine's; new ones get a noun of their own first.
const crowdedByNature = ['src/integrations', 'playground/workspace/api', 'src/runs']

test('no folder but those named here holds more than 20 files', () => {
  const counts = new Map<string, number>()
  for (const { path } of product) counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1)
  const crowded = [...counts].filter(([folder, count]) => count > 20 && !crowdedByNature.includes(folder))
  expect(crowded).toEqual([])
})

test('time is limited by clock.ts alone: a limit of the platform may be forgotten', () => {
  expect(sourceFiles('src').flatMap((file) => linesWith(file, /AbortSignal\.timeout/))).toEqual([])
})

test('no test runs alone, and only an absent part skips one', () => {
  const alone = others.flatMap((file) =>
    placesOf(file, (node) => {
      if (!ts.isPropertyAccessExpression(node) || file.path === 'test/support/parts.ts') return false
      return /^(it|test|describe|suite)\.(only|skip|todo|fails)$/.test(node.getText())
    }),
  )
  expect(alone).toEqual([])
})

test('the limits are seen when they are passed', () => {
  const long = `export function long() {\n${'  call()\n'.repeat(70)}}`
  expect(longFunctions({ path: 'x.ts', text: long })).toHaveLength(1)
  const loose = 'const a: any = 1\nconst b = a as any\n'
  expect(placesOf({ path: 'x.ts', text: loose }, (node) => node.kind === ts.SyntaxKind.AnyKeyword)).toHaveLength(2)
})

function longFunctions(file: SourceFile): string[] {
  return placesOf(file, (node) => {
    if (!ts.isFunctionLike(node)) return false
    return linesOf(node) - sum(innerFunctions(node).map((inner) => linesOf(inner) - 1)) > 60
  })
}

// What a factory returns is made of functions with lines of their own; those are not counted twice.
function innerFunctions(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = []
  const step = (child: ts.Node): void => {
    if (ts.isFunctionLike(child)) found.push(child)
    else ts.forEachChild(child, step)
  }
  ts.forEachChild(node, step)
  return found
}

function linesOf(node: ts.Node): number {
  const source = node.getSourceFile()
  const line = (at: number) => source.getLineAndCharacterOfPosition(at).line
  return line(node.getEnd()) - line(node.getStart(source)) + 1
}

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0)

function placesOf(file: SourceFile, wanted: (node: ts.Node) => boolean): string[] {
  const found: string[] = []
  walk(file, (node, line) => {
    if (wanted(node)) found.push(`${file.path}:${line(node)}`)
  })
  return found
}

function linesWith(file: SourceFile, pattern: RegExp): string[] {
  return file.text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1}`] : []))
}
