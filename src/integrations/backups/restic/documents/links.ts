import type { Nodes, Root } from 'mdast'
import { parseMarkdown, plain, withPlainLineEnds } from '../../../../incidents/guides/markdown.js'

/** Where something in a document leads, by its line. */
export type Link = { target: string; line: number }

export type ReadDocument = {
  links: Link[]
  /** What a link may name behind #, in small letters: headings as GitHub names them, and names in HTML. */
  anchors: Set<string>
}

/** A document in Markdown, by the parser that guides are read with: what stands in code is no link. */
export function readDocument(text: string): ReadDocument {
  const root = parseMarkdown(withPlainLineEnds(text))
  const links: Link[] = []
  const anchors = new Set<string>()
  const slugs = new Map<string, number>()
  visit(root, (node) => {
    const line = node.position?.start.line ?? 1
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition')
      links.push({ target: node.url, line })
    if (node.type === 'heading') anchors.add(unique(slugOf(plain(node)), slugs))
    if (node.type !== 'html') return
    for (const [, name = ''] of node.value.matchAll(/\s(?:id|name)=["']([^"']+)["']/g)) anchors.add(name.toLowerCase())
    for (const [, target = ''] of node.value.matchAll(/\s(?:href|src)=["']([^"']+)["']/g)) links.push({ target, line })
  })
  return { links, anchors }
}

/** As GitHub makes it: small letters, no punctuation but - and _, blanks as -. */
export const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-')

/** The second heading of the same words ends with -1. */
function unique(slug: string, seen: Map<string, number>): string {
  const times = seen.get(slug) ?? 0
  seen.set(slug, times + 1)
  if (times === 0) return slug
  const next = `${slug}-${times}`
  if (seen.has(next)) return unique(slug, seen)
  seen.set(next, 1)
  return next
}

function visit(node: Root | Nodes, see: (node: Nodes) => void): void {
  see(node)
  if ('children' in node) for (const child of node.children) visit(child, see)
}
