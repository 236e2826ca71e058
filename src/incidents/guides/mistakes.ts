import { refused, type ShipmateError } from '../../errors.js'

/** Something in a guide that is not as it has to be. */
export type GuideMistake = { line: number; wanted: string; came: string; next: string }

/** In one line, as editors read it: `slow-application.md:12: wanted …, came …. What to do.` */
export const shownGuideMistake = (name: string, { line, wanted, came, next }: GuideMistake): string =>
  `${name}.md:${line}: wanted ${wanted}, came ${came}. ${next}`

/** One error with every mistake of a guide. */
export function invalidGuide(name: string, mistakes: GuideMistake[]): ShipmateError {
  const lines = [...mistakes].sort((a, b) => a.line - b.line).map((mistake) => shownGuideMistake(name, mistake))
  const count = lines.length === 1 ? 'a mistake' : `${lines.length} mistakes`
  return refused('guide-invalid', `The guide ${name} has ${count}:\n${lines.join('\n')}`, {
    wanted: 'a guide as docs/operations/guides.md explains',
    next: 'Correct the lines named; the other guides can be used meanwhile.',
    details: { mistakes: lines },
  })
}

/** A value from a file, short enough for a message. */
export function cameShown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
