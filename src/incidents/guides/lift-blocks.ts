import type { Code, Heading, List, ListItem, Paragraph, Root, RootContent } from 'mdast'
import { plain } from './markdown.js'
import { isShown } from './sections.js'

/** What a runbook that was not written for Shipmate is made of, in its order. */
export type Piece =
  /** Text as it was written. */
  | { kind: 'prose'; text: string }
  /** A heading of the original: it says what follows is about. */
  | { kind: 'heading'; text: string }
  /** A numbered action, named by its first words. */
  | { kind: 'action'; title: string }
  /** Something to run by hand. `language` as the original names it. */
  | { kind: 'command'; command: string; language: string }

/** The runbook in pieces: numbered lists and code are taken apart however deep, all else stays as it is. */
export function piecesOf(root: Root, lines: string[]): Piece[] {
  return root.children.flatMap((node) => lifted(node, lines))
}

function lifted(node: RootContent, lines: string[]): Piece[] {
  if (node.type === 'heading') return headingPieces(node, lines)
  if (node.type === 'code') return codePieces(node, lines)
  if (node.type === 'list' && isTakenApart(node)) return node.children.flatMap((item) => itemPieces(node, item, lines))
  return [{ kind: 'prose', text: sourceOf(node, lines) }]
}

/** Lists of plain points are prose; those with numbers or commands in them are steps. */
function isTakenApart(list: List): boolean {
  const inside = (item: ListItem) =>
    item.children.some((node) => (node.type === 'list' ? isTakenApart(node) : node.type === 'code' && isCommand(node)))
  return list.ordered === true || list.children.some(inside)
}

const isCommand = (code: Code): boolean => code.value.trim() !== '' && !isShown(code)

function itemPieces(list: List, item: ListItem, lines: string[]): Piece[] {
  const [first, ...rest] = item.children
  const paragraph = first?.type === 'paragraph' ? first : null
  const text = paragraph ? sourceOf(paragraph, lines) : ''
  const below = (paragraph ? rest : item.children).flatMap((node) => lifted(node, lines))
  if (list.ordered !== true) {
    const [before, ...after] = text.split('\n')
    const point = [`- ${before}`, ...after.map((line) => `  ${line}`)].join('\n')
    return [...(paragraph ? [{ kind: 'prose' as const, text: point }] : []), ...below]
  }
  const title = titleOf(paragraph)
  const shown = text !== '' && text !== title ? [{ kind: 'prose' as const, text }] : []
  return [{ kind: 'action', title }, ...shown, ...below]
}

const longestTitle = 80

/** The first sentence without the box of a task, or as much of it as fits; empty when there is none. */
function titleOf(paragraph: Paragraph | null): string {
  return paragraph ? shortTitle(plain(paragraph).replace(/^\[[ xX]\]\s+/, '')) : ''
}

export function shortTitle(text: string): string {
  const sentence = /^.{10,}?[.:!?](?=\s)/.exec(text)?.[0].replace(/[.:]$/, '') ?? text
  if (sentence.length <= longestTitle) return sentence
  return `${sentence.slice(0, longestTitle - 1).replace(/\s+\S*$/, '')}…`
}

function codePieces(code: Code, lines: string[]): Piece[] {
  if (!isCommand(code)) return [{ kind: 'prose', text: sourceOf(code, lines) }]
  // As it is written: the parser would resolve what looks like an entity.
  const language = /^(?:`{3,}|~{3,})(.*)/.exec(sourceOf(code, lines))?.[1]?.trim() ?? ''
  return [{ kind: 'command', command: code.value, language }]
}

/** A heading's words as written. One over several lines has no `#` to stand behind, so it stays prose. */
function headingPieces(node: Heading, lines: string[]): Piece[] {
  const source = sourceOf(node, lines)
  if (source.startsWith('#')) {
    const text = source.replace(/^#+[ \t]*/, '').replace(/(^|[ \t]+)#+[ \t]*$/, '')
    return text ? [{ kind: 'heading', text }] : []
  }
  const written = source.split('\n').slice(0, -1)
  if (written.length === 1) return [{ kind: 'heading', text: (written[0] ?? '').trim() }]
  return [{ kind: 'prose', text: written.join('\n') }]
}

/** A block's lines, moved to the left by as much as the block began to the right. */
export function sourceOf(node: RootContent, lines: string[]): string {
  const { position } = node
  if (!position) return ''
  const column = position.start.column - 1
  // What is never closed ends with what holds it, in the middle of the line after.
  const { line: last, column: end } = position.end
  return lines
    .slice(position.start.line - 1, last)
    .map((line, at, all) => (at === all.length - 1 ? line.slice(0, end - 1) : line))
    .map((line, at) => (at === 0 ? line.slice(column) : movedLeft(line, columnOf(lines, position.start))))
    .join('\n')
    .trimEnd()
}

const tab = 4

/** Where a letter stands on paper: tabs go to the next stop. */
function columnOf(lines: string[], { line, column }: { line: number; column: number }): number {
  const before = (lines[line - 1] ?? '').slice(0, column - 1)
  return [...before].reduce((at, letter) => (letter === '\t' ? at + tab - (at % tab) : at + 1), 0)
}

function movedLeft(line: string, wanted: number): string {
  let at = 0
  let cut = 0
  while (at < wanted && (line[cut] === ' ' || line[cut] === '\t')) {
    at += line[cut] === '\t' ? tab - (at % tab) : 1
    cut++
  }
  return ' '.repeat(Math.max(0, at - wanted)) + line.slice(cut)
}
