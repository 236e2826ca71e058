import type { Heading, Root } from 'mdast'
import type { Guide } from '../guide.js'
import { type Piece, piecesOf, shortTitle } from './lift-blocks.js'
import { frontMatterOf, parseMarkdown, plain, withPlainLineEnds } from './markdown.js'
import { linesMissing } from './missing-lines.js'
import { readGuide } from './read-guide.js'
import { fenced, headingFor, keptAsItIs, writtenGuide } from './write-guide.js'

/** A runbook as a guide: the guide, and its text for a file of its own. */
export type Imported = { guide: Guide; markdown: string }

/** A step while it is put together; `why` is Markdown. */
export type ImportedStep = { title: string; why: string[]; command: { text: string; language: string } | null }

/**
 * A guide from any runbook in CommonMark that was not written for Shipmate. Numbered actions and blocks of code become
 * steps that a person does by hand; all else is kept as prose where it stood. Not one line is lost.
 */
export function importGuide(markdown: string, name: string): Imported {
  const text = withPlainLineEnds(markdown)
  const front = frontMatterOf(text)
  const blanked = front ? text.split('\n').fill('', 0, front.lines).join('\n') : text
  const lines = blanked.split('\n')
  const root = parseMarkdown(blanked)
  const { title, heading } = titleOf(root, lines, name)
  const kept = front?.yaml.trim() ? [fenced(front.yaml, 'text')] : []
  const pieces = piecesOf({ ...root, children: root.children.filter((node) => node !== heading) }, lines)
  const parts = sorted(pieces)
  return whole(text, name, { title, ...parts, before: [...kept, ...parts.before] })
}

/** Writes the guide and reads it back; should a line have found no place, it is kept at the end. */
function whole(text: string, name: string, parts: Parts & { title: string }): Imported {
  const written = writtenGuide(parts)
  const guide = readGuide(written, name)
  const missing = linesMissing(text, guide)
  if (missing.length === 0) return { guide, markdown: written }
  const left = ['### Lines that found no other place', fenced(missing.join('\n'), 'text')]
  const again = writtenGuide({ ...parts, after: [...parts.after, ...left] })
  return { guide: readGuide(again, name), markdown: again }
}

/** The first heading when it is the highest, else the file's name. A title with markup is kept as it was written, too. */
function titleOf(root: Root, lines: string[], name: string): { title: string; heading: Heading | null } {
  const first = root.children.find((node): node is Heading => node.type === 'heading')
  const title = first?.depth === 1 ? plain(first) : ''
  const line = lines[(first?.position?.start.line ?? 1) - 1] ?? ''
  const isPlain = line.replace(/^\s*#*\s*|\s*#*\s*$/g, '') === title
  if (title !== '') return { title, heading: isPlain ? (first ?? null) : null }
  const words = name.replace(/[-_]+/g, ' ').trim()
  return { title: words ? words[0]?.toUpperCase() + words.slice(1) : 'Runbook', heading: null }
}

type Parts = { before: string[]; steps: ImportedStep[]; after: string[] }

/** What stands between two steps introduces the next one; what follows a step's own words belongs to it. */
function sorted(pieces: Piece[]): Parts {
  const parts: Parts = { before: [], steps: [], after: [] }
  let pending: string[] = []
  let open: ImportedStep | null = null
  const begin = (title: string): ImportedStep => {
    const introduced = parts.steps.length > 0 ? pending : []
    if (parts.steps.length === 0) parts.before = pending
    pending = []
    const step: ImportedStep = { title, why: introduced, command: null }
    parts.steps.push(step)
    return step
  }
  for (const piece of pieces) {
    if (piece.kind === 'action') open = begin(piece.title)
    else if (piece.kind === 'command') {
      if (!open || open.command || pending.length > 0) open = begin('')
      open.command = { text: piece.command, language: piece.language }
    } else if (piece.kind === 'heading') {
      open = null
      pending.push(headingFor(piece.text))
    } else if (open) open.why.push(keptAsItIs(piece.text))
    else pending.push(keptAsItIs(piece.text))
  }
  if (parts.steps.length === 0) return { before: pending, steps: [readThrough], after: [] }
  parts.steps = parts.steps.map(named)
  return { ...parts, after: pending }
}

const readThrough: ImportedStep = { title: 'Follow what is written above', why: [], command: null }

/** A step without words of its own is named by what it runs. */
function named(step: ImportedStep, at: number): ImportedStep {
  if (step.title !== '') return step
  const first = step.command?.text.split('\n').find((line) => line.trim() !== '') ?? ''
  return { ...step, title: first ? `Run ${shortTitle(first.trim())}` : `Step ${at + 1}` }
}
