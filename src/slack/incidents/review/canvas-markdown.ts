/** Slack's canvases take tables of at most 300 cells, and draw no links in them. */
const mostCells = 300

/**
 * A review in the Markdown that canvases take: headings down to the third, short tables without links. Every other table
 * becomes a list; nothing is left out. The second line says what becomes of words that people type there.
 */
export function canvasOf(markdown: string): string {
  const lines = markdown.split('\n')
  const drawn: string[] = []
  for (let at = 0; at < lines.length; ) {
    const end = tableEnd(lines, at)
    const table = lines.slice(at, end)
    drawn.push(...(table.length === 0 ? [lines[at] ?? ''] : drawnTable(table)))
    at = Math.max(end, at + 1)
  }
  const [head = '', ...rest] = drawn.map(withPlainLinks).map(withFlatHeading)
  return [head, '', `> ${keeping}`, ...rest].join('\n')
}

const keeping =
  'Shipmate writes this page, and writes it anew when the incident changes: words typed here are lost then. What you know belongs on the timeline: /incident note, or 📝 on a message.'

/** The line after a table that begins at this one; the line itself when none does. */
function tableEnd(lines: string[], from: number): number {
  const isRow = (line: string | undefined) => line?.startsWith('| ') === true
  if (!isRow(lines[from]) || !/^\|( --- \|)+$/.test(lines[from + 1] ?? '')) return from
  let end = from + 2
  while (isRow(lines[end])) end += 1
  return end
}

function drawnTable(table: string[]): string[] {
  const [head = [], , ...rows] = table.map(cellsOf)
  const plain = head.some((cell) => cell !== '') && !table.some((line) => line.includes(']('))
  if (plain && (rows.length + 1) * head.length <= mostCells) return table
  return rows.map(([first = '', ...others]) => {
    const said = others.map((cell, at) => (head[at + 1] ? `${head[at + 1]}: ${cell}` : cell))
    return `- **${first}** ${said.join(' · ')}`
  })
}

const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())

/** Addresses without angle brackets around them; what would end one early is encoded. */
const withPlainLinks = (line: string): string =>
  line.replace(/\]\(<([^>]*)>\)/g, (_all, address: string) => {
    return `](${address.replaceAll('(', '%28').replaceAll(')', '%29')})`
  })

const withFlatHeading = (line: string): string => line.replace(/^#{4,6} /, '### ')
