import { posix } from 'node:path'
import type { ReadDocument } from './links.js'

/** A link that leads nowhere, and where it stands. */
export type Broken = { path: string; line: number; target: string }

export type Tree = {
  /** Every file of the repository. */
  files: Set<string>
  /** Folders that lie elsewhere, and links to them: what is below them cannot be told. */
  elsewhere: string[]
}

/** Links of these documents to files or anchors that are not there, and the addresses outside that they name. */
export function judged(documents: Map<string, ReadDocument>, tree: Tree): { broken: Broken[]; outside: Broken[] } {
  const folders = foldersOf(tree.files)
  const [broken, outside]: [Broken[], Broken[]] = [[], []]
  for (const [path, { links }] of documents)
    for (const { target, line } of links) {
      const one = { path, line, target }
      if (/^https?:\/\//i.test(target)) outside.push(one)
      else if (!leadsSomewhere(path, target, { documents, folders, tree })) broken.push(one)
    }
  return { broken, outside }
}

type Known = { documents: Map<string, ReadDocument>; folders: Set<string>; tree: Tree }

function leadsSomewhere(from: string, target: string, { documents, folders, tree }: Known): boolean {
  // Another scheme, another host, or nothing: no file is meant.
  if (target === '' || /^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) return true
  const [before = '', hash = ''] = split(target, '#')
  const [address, query] = split(before, '?')
  const path = decoded(address)
  const anchor = decoded(hash)
  if (path === null || anchor === null) return false
  const there = path === '' ? from : resolved(from, path)
  // Beyond the repository lie pages of whatever shows it.
  if (there === null || tree.elsewhere.some((one) => there === one || there.startsWith(`${one}/`))) return true
  if (!tree.files.has(there)) return folders.has(there)
  const document = documents.get(there)
  if (!document || anchor === '' || query.includes('plain=1')) return true
  const wanted = anchor.toLowerCase().replace(/^user-content-/, '')
  return wanted === 'top' || document.anchors.has(wanted)
}

/** From the document, or from the top where it begins with a slash; null when it leads out of the repository. */
function resolved(from: string, path: string): string | null {
  const joined = path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(from), path)
  const there = posix.normalize(joined).replace(/\/$/, '')
  return there.startsWith('..') ? null : there
}

function split(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

function foldersOf(files: Set<string>): Set<string> {
  const folders = new Set(['.'])
  for (const file of files)
    for (let folder = posix.dirname(file); !folders.has(folder); folder = posix.dirname(folder)) folders.add(folder)
  return folders
}
