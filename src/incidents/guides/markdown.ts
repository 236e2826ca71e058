import type { Root, RootContent } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmStrikethroughFromMarkdown } from 'mdast-util-gfm-strikethrough'
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table'
import { toString as textOf } from 'mdast-util-to-string'
import { gfmStrikethrough } from 'micromark-extension-gfm-strikethrough'
import { gfmTable } from 'micromark-extension-gfm-table'

/**
 * CommonMark with GitHub's tables and struck-out words. The box of a task stays text: the extension that reads it
 * breaks on a box below which a paragraph becomes something else.
 */
export const parseMarkdown = (text: string): Root =>
  fromMarkdown(text, {
    extensions: [gfmTable(), gfmStrikethrough()],
    mdastExtensions: [gfmTableFromMarkdown(), gfmStrikethroughFromMarkdown()],
  })

/** The words of a node without its markup, in one line. */
export const plain = (node: unknown): string => textOf(node).replace(/\s+/g, ' ').trim()

/** One kind of line end, so that lines are counted as Markdown counts them; no mark before the first letter. */
export const withPlainLineEnds = (text: string): string => text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')

/** The first and the last line of a block, counted from 1. */
export function linesOf(node: Pick<RootContent, 'position'>): { from: number; to: number } {
  const { position } = node
  return { from: position?.start.line ?? 1, to: position?.end.line ?? 1 }
}

/** Text without the empty lines around it; what its first line is indented by stays. */
export const withoutEmptyEnds = (text: string): string => text.replace(/^(?:[^\S\n]*\n)+/, '').trimEnd()

/** A front matter with the number of lines it takes; null when the text has none. */
export function frontMatterOf(text: string): { yaml: string; lines: number } | null {
  const match = /^---[ \t]*\n(?:([\s\S]*?)\n)?---[ \t]*(?:\n|$)/.exec(text)
  if (!match) return null
  return { yaml: match[1] ?? '', lines: match[0].replace(/\n$/, '').split('\n').length }
}
