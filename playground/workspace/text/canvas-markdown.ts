const MOST_BYTES = 1024 * 1024
const MOST_CELLS = 300
const DEEPEST_HEADING = 3

export type Unfit = { kind: 'too large' | 'unsupported'; detail: string }

/**
 * What keeps a canvas from taking this Markdown; null when nothing does. Its elements are listed at
 * https://docs.slack.dev/reference/methods/canvases.create: headings down to the third, tables of at most 300 cells.
 */
export function unfitForCanvas(markdown: string): Unfit | null {
  if (Buffer.byteLength(markdown) > MOST_BYTES) return { kind: 'too large', detail: 'content is longer than 1 MiB' }
  for (const section of splitSections(markdown)) {
    const depth = /^(#{1,6})\s/.exec(section)?.[1]?.length ?? 0
    if (depth > DEEPEST_HEADING) return { kind: 'unsupported', detail: `Unsupported heading depth (${depth})` }
    const cells = cellsOf(section)
    if (cells > MOST_CELLS) return { kind: 'unsupported', detail: `Unsupported table size (${cells} cells)` }
  }
  return null
}

/** Parts that a canvas counts as sections: what blank lines divide; a heading is one of its own; fenced code is whole. */
export function splitSections(markdown: string): string[] {
  const parts: string[][] = [[]]
  let fence: string | null = null
  for (const line of markdown.replaceAll('\r\n', '\n').split('\n')) {
    const mark = /^\s*(```+|~~~+)/.exec(line)?.[1] ?? null
    const heading = fence === null && /^#{1,6}\s/.test(line)
    if (fence === null && (line.trim() === '' || heading)) parts.push([])
    if (line.trim() !== '' || fence !== null) parts.at(-1)?.push(line)
    if (heading) parts.push([])
    if (fence === null) fence = mark
    else if (mark?.startsWith(fence)) fence = null
  }
  return parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
}

/** Of a table; 0 for everything else. */
function cellsOf(section: string): number {
  const [head = '', rule = '', ...rows] = section.split('\n')
  if (!head.includes('|') || !/^[\s|:-]+$/.test(rule) || !rule.includes('-')) return 0
  const columns = head
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/).length
  return columns * (rows.length + 1)
}
