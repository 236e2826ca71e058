// Escape sequences could move the cursor over what was written before, or set a window's title.
const controls = /\p{Cc}|\p{Cf}/gu

/** Text from outside for one line of a terminal: nothing in it can steer the terminal or start a line of its own. */
export function plain(text: string, max = 500): string {
  const line = text.replace(/\s+/g, ' ').replace(controls, '').trim()
  return [...line].length <= max ? line : `${[...line].slice(0, max - 1).join('')}…`
}

/** A whole text with its indentation; nothing in it can steer the terminal. */
export const textLines = (text: string): string[] =>
  text.split(/\r?\n/).map((line) => line.replaceAll('\t', '  ').replace(controls, ''))

/** Several lines, each of them plain. */
export function plainLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => plain(line))
}
