import { documentsOf } from '../../../../backups/backup.js'
import type { EngineContext } from '../../../../backups/engine.js'
import { asShipmateError } from '../../../../errors.js'
import { type Broken, judged, type Tree } from './broken.js'
import { readDocument } from './links.js'
import { asked, type Mirrored } from './mirror.js'
import { goneOutside } from './outside.js'
import { untouchedSince } from './untouched.js'

/** So many documents are read for one backup, each of at most so many bytes. */
const most = 2_000
const mostBytes = 1_000_000

/**
 * What people should know of the documents in a mirror, in sentences with the names of the files. A backup never fails by
 * it: documents that cannot be read are said to be that.
 */
export async function documentNotes(
  mirrored: Mirrored,
  context: Pick<EngineContext, 'signal' | 'clock'>,
): Promise<string[]> {
  const { name, settings } = mirrored
  const about = `${documentsOf} ${name}`
  try {
    const tree = await treeOf(mirrored, context.signal)
    const paths = tree.documents.map(({ path }) => path)
    const links = settings.links ? await brokenLinks(mirrored, tree, context.signal) : []
    const old = settings.reviewed === null ? [] : await untouchedSince(mirrored, paths, settings.reviewed, context)
    const days = Math.round((settings.reviewed ?? 0) / dayMs)
    return [
      ...named(
        about,
        links.map(shownLink),
        (count) => `${count === 1 ? '1 link leads' : `${count} links lead`} nowhere`,
      ),
      ...named(about, old, (count) => {
        return `${count === 1 ? '1 runbook was' : `${count} runbooks were`} not reviewed for more than ${days === 1 ? 'a day' : `${days} days`}`
      }),
      ...(tree.left > 0 ? [`${about}: ${tree.left} were not looked at, since there are more than ${most}`] : []),
    ]
  } catch (thrown) {
    context.signal.throwIfAborted()
    return [`${about} could not be looked at: ${asShipmateError(thrown).message}`]
  }
}

const dayMs = 86_400_000
const shownLink = ({ path, line, target }: Broken) => `${path}:${line} → ${target.slice(0, 80)}`

/** As many names as a note of a backup holds. */
const widest = 280

function named(about: string, names: string[], words: (count: number) => string): string[] {
  if (names.length === 0) return []
  const head = `${about}: ${words(names.length)}: `
  let [text, shown] = [head, 0]
  for (const name of names) {
    const next = `${shown === 0 ? '' : ', '}${name}`
    if (text.length + next.length > widest - 20) break
    text += next
    shown += 1
  }
  const more = names.length - shown
  return [more === 0 ? text : `${text}${shown === 0 ? `${more}` : ` and ${more} more`}`]
}

type Document = { path: string; object: string }
type DocumentTree = Tree & { documents: Document[]; left: number }

/** Every file that the default branch has. */
async function treeOf(mirrored: Mirrored, signal: AbortSignal): Promise<DocumentTree> {
  const text = await asked(mirrored, ['ls-tree', '-r', '-z', '-l', '--full-tree', 'HEAD'], signal)
  const entries = text.split('\0').flatMap((line) => {
    const found = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.+)$/s.exec(line)
    return found ? [{ mode: found[1], object: found[3] ?? '', bytes: Number(found[4]), path: found[5] ?? '' }] : []
  })
  const documents = entries.filter(
    ({ mode, path, bytes }) => mode?.startsWith('100') && /\.(md|markdown)$/i.test(path) && bytes <= mostBytes,
  )
  return {
    files: new Set(entries.map(({ path }) => path)),
    // 160000 is a repository of its own, 120000 a link.
    elsewhere: entries.filter(({ mode }) => mode === '160000' || mode === '120000').map(({ path }) => path),
    documents: documents.slice(0, most),
    left: Math.max(0, documents.length - most),
  }
}

async function brokenLinks(mirrored: Mirrored, tree: DocumentTree, signal: AbortSignal): Promise<Broken[]> {
  const read = new Map<string, ReturnType<typeof readDocument>>()
  for (const { path, object } of tree.documents)
    read.set(path, readDocument(await asked(mirrored, ['cat-file', 'blob', object], signal)))
  const { broken, outside } = judged(read, tree)
  return [...broken, ...(await goneOutside(outside, mirrored.settings.outside, signal))]
}
