/** Text from outside as one line of Markdown: it makes no heading, link, table, mention or HTML. */
export function inline(text: string, longest = 500): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const cut = line.length > longest ? `${line.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…` : line
  return cut
    .replace(/[\\`*_{}[\]<>#|~!]/g, '\\$&')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2')
    .replace(/^([-+=])/, '\\$1')
    .replaceAll('@', '@\u200b')
    .replace(/\b(https?|ftp|mailto|javascript|data|vbscript|file):/gi, '$1\u200b:')
    .replace(/\bwww\./gi, 'www\u200b.')
}

/** A web address that Shipmate made or checked; anything else stays text. */
export function link(text: string, address: string | null): string {
  const safe = address !== null && URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)
  return safe ? `[${inline(text)}](<${new URL(address).href.replace(/[<>]/g, encodeURIComponent)}>)` : inline(text)
}

export function table(head: string[], rows: string[][]): string {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')
}

export const listed = (lines: string[], none: string): string =>
  lines.length === 0 ? none : lines.map((line) => `- ${line}`).join('\n')
