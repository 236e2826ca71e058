import type { Code, Heading, Root, RootContent } from 'mdast'
import { linesOf, parseMarkdown, plain, withoutEmptyEnds } from './markdown.js'

/** What stands between one heading and the next of its kind; the first one has no heading. */
export type Section = { heading: Heading | null; line: number; from: number; to: number; nodes: RootContent[] }

/** A guide's text in sections: what is before the first step, steps (`##`), and prose (a second `#`). */
export type Sections = { title: Heading | null; preamble: Section; steps: Section[]; after: Section[]; lines: string[] }

/** `text` with its front matter blanked out, so that lines keep their numbers. */
export function sectionsOf(text: string): Sections {
  const lines = text.split('\n')
  const root = parseMarkdown(text)
  const title = titleIn(root)
  const all = split(root, title, lines.length)
  const [preamble, ...rest] = all as [Section, ...Section[]]
  return {
    title,
    preamble,
    steps: rest.filter(({ heading }) => heading?.depth === 2),
    after: rest.filter(({ heading }) => heading?.depth === 1),
    lines,
  }
}

function titleIn(root: Root): Heading | null {
  const first = root.children.find((node): node is Heading => node.type === 'heading' && node.depth <= 2)
  return first?.depth === 1 ? first : null
}

function split(root: Root, title: Heading | null, last: number): Section[] {
  let open: Section = { heading: null, line: 1, from: 1, to: last, nodes: [] }
  const sections = [open]
  for (const node of root.children) {
    if (node === title || node.type !== 'heading' || node.depth > 2) {
      if (node !== title) open.nodes.push(node)
      continue
    }
    const { from, to } = linesOf(node)
    open.to = from - 1
    open = { heading: node, line: from, from: to + 1, to: last, nodes: [] }
    sections.push(open)
  }
  return sections
}

/** The source of a section without some of its blocks. */
export function sourceOf(section: Section, lines: string[], without: readonly (RootContent | null)[]): string {
  const out = new Set<number>()
  for (const node of without) {
    if (!node) continue
    const { from, to } = linesOf(node)
    for (let line = from; line <= to; line++) out.add(line)
  }
  const kept = lines.slice(section.from - 1, section.to).filter((_, at) => !out.has(section.from + at))
  return withoutEmptyEnds(kept.join('\n'))
}

/** The block that tells Shipmate what a step is: fenced, `yaml shipmate`. */
export const isSettings = (node: RootContent): node is Code =>
  node.type === 'code' && node.lang === 'yaml' && (node.meta ?? '').trim() === 'shipmate'

/** Blocks that only show something: what a command prints, what a log says. */
export const isShown = ({ lang }: Code): boolean => ['text', 'txt', 'output', 'log'].includes(lang ?? '')

export const headingText = (section: Section): string => (section.heading ? plain(section.heading) : '')
