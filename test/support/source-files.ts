import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

export type SourceFile = { path: string; text: string }

/** Every TypeScript file below these folders of the repository, paths with forward slashes from its root. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  return folders.flatMap(listed).map((path) => ({ path, text: readFileSync(path, 'utf8') }))
}

function listed(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name).replaceAll('\\', '/')
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : listed(path)
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : []
  })
}

/** Calls `visit` with each node of a file, and gives the line of a node. */
export function walk(file: SourceFile, visit: (node: ts.Node, line: (node: ts.Node) => number) => void): void {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true)
  const line = (node: ts.Node) => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
  const step = (node: ts.Node): void => {
    visit(node, line)
    ts.forEachChild(node, step)
  }
  step(source)
}
