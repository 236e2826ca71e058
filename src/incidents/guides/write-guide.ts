import type { ImportedStep } from './import-guide.js'
import { parseMarkdown, plain } from './markdown.js'
import { headOf } from './read-step.js'

/** A guide's text with steps that people do by hand. */
export function writtenGuide(guide: {
  title: string
  before: string[]
  steps: ImportedStep[]
  after: string[]
}): string {
  const { title, before, steps, after } = guide
  const head = ['---\nalerts: []\nservices: []\nsymptoms: []\n---', `# ${asHeading(title)}`]
  const last = after.length > 0 ? ['# Afterwards', ...after] : []
  return `${[...head, ...before, ...steps.flatMap(writtenStep), ...last].join('\n\n')}\n`
}

function writtenStep({ title, why, command }: ImportedStep, at: number): string[] {
  const code = command ? [...foreign(command.language), fenced(command.text, command.language)] : []
  const verb = headOf(title).title === title ? '' : 'By hand: '
  return [`## ${at + 1}. ${verb}${asHeading(title)}`, ...why, ...code]
}

const shells = ['', 'sh', 'bash', 'zsh', 'shell', 'console', 'shell-session']

/** What to run it with, where that is no shell. */
const foreign = (language: string): string[] =>
  shells.includes(language) ? [] : [keptAsItIs(`In this language:\n${language}`)]

/** Words that read back as the same words from a heading. */
function asHeading(text: string): string {
  if (plainWords.test(text) || readsBack(text, text)) return text
  return text.replace(/[\\`*_{}[\]<>()#+.!|~&:@-]/g, '\\$&')
}

const plainWords = /^\p{L}[\p{L}\p{N} ,…'’]*[\p{L}\p{N}…]$/u

const readsBack = (written: string, wanted: string): boolean => {
  const { children } = parseMarkdown(`## 1. ${written}`)
  return children.length === 1 && children[0]?.type === 'heading' && plain(children[0]) === `1. ${wanted}`
}

/** A heading inside a step or before the first one: steps have two #. */
export const headingFor = (text: string): string => keptAsItIs(`### ${text}${/#$/.test(text) ? ' #' : ''}`)

/** A block of code that nothing in its text can end. */
export function fenced(text: string, language: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(Math.max(3, longest + 1))
  const [word = ''] = language.split(/\s/)
  return `${fence}${/^[a-zA-Z0-9+#.-]{1,20}$/.test(word) ? word : ''}\n${text}\n${fence}`
}

/**
 * Text between headings of a guide as it was written, where it would read back as what it is; where it would begin a
 * step, swallow one or be taken for a command, it stands in a block of its own.
 */
export function keptAsItIs(text: string): string {
  if (text.split('\n').every((line) => /^\p{L}/u.test(line))) return text
  // What begins with blanks would belong to a list that stands before it.
  const places = /^\s/.test(text) ? ['', '- point\n\n'] : ['']
  return places.every((before) => standsAlone(before, text)) ? text : fenced(text, 'text')
}

function standsAlone(before: string, text: string): boolean {
  const { children } = parseMarkdown(`${before}${text}\n\n## next`)
  const end = children.at(-1)
  if (end?.type !== 'heading' || end.depth !== 2 || plain(end) !== 'next') return false
  return !children.slice(0, -1).some((node) => (node.type === 'heading' && node.depth <= 2) || node.type === 'code')
}
