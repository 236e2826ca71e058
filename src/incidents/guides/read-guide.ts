import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { digestOf } from '../../json.js'
import type { Guide, GuideStep } from '../guide.js'
import { severities } from '../incident.js'
import { freeKey } from './keys.js'
import { frontMatterOf, linesOf, plain, withPlainLineEnds } from './markdown.js'
import { cameShown, type GuideMistake, invalidGuide } from './mistakes.js'
import { readStep } from './read-step.js'
import { headingText, type Section, type Sections, sectionsOf, sourceOf } from './sections.js'

/** At most this much text: a run keeps the guide it was started with. */
const longestGuide = 256 * 1024

/**
 * A guide from its Markdown. Throws one ShipmateError (`guide-invalid`) with every mistake as `name.md:line`, what was
 * wanted, what came and what to do. Whether the checks and actions it names exist is `checkGuide`'s question.
 */
export function readGuide(markdown: string, name: string): Guide {
  const mistakes: GuideMistake[] = []
  if (markdown.length > longestGuide) throw invalidGuide(name, [tooLong(markdown)])
  const text = withPlainLineEnds(markdown)
  const front = frontMatterOf(text)
  const head = headOf(front?.yaml ?? '', mistakes)
  const blanked = front ? text.split('\n').fill('', 0, front.lines).join('\n') : text
  const sections = sectionsOf(blanked)
  const title = sections.title ? plain(sections.title) : ''
  if (!title) mistakes.push(untitled)
  if (sections.steps.length === 0) mistakes.push(withoutSteps)
  const steps = unique(sections.steps, (section) => readStep(section, sections.lines, mistakes), mistakes)
  if (mistakes.length > 0) throw invalidGuide(name, mistakes)
  return { name, title, ...proseOf(sections), for: head.for, severity: head.severity, steps, digest: digestOf(text) }
}

const tooLong = (markdown: string): GuideMistake => ({
  line: 1,
  wanted: `at most ${longestGuide} letters`,
  came: String(markdown.length),
  next: 'Make two guides of it.',
})
const untitled: GuideMistake = {
  line: 1,
  wanted: 'a title before the first step, such as "# Slow application"',
  came: 'none',
  next: 'Write it as the first heading, with one #.',
}
const withoutSteps: GuideMistake = {
  line: 1,
  wanted: 'at least one step, such as "## 1. Check: p95 is under its limit"',
  came: 'none',
  next: 'Write a heading with two # for each step.',
}

const words = z.array(z.string().min(1), { error: 'a list of words, such as [slow, timeout]' }).default([])
const frontMatter = z
  .strictObject({
    severity: z
      .enum(severities, { error: severities.join(' or ') })
      .nullable()
      .default(null),
    alerts: words,
    services: words,
    symptoms: words,
  })
  .transform(({ severity, ...rest }) => ({ severity, for: rest }))

function headOf(yaml: string, mistakes: GuideMistake[]): z.output<typeof frontMatter> {
  const none = { severity: null, for: { alerts: [], services: [], symptoms: [] } }
  const document = parseDocument(yaml, { lineCounter: new LineCounter(), prettyErrors: true })
  const broken = document.errors[0]
  if (broken) {
    const came = broken.message.split('\n')[0] ?? 'something else'
    const line = (broken.linePos?.[0].line ?? 1) + 1
    mistakes.push({ line, wanted: 'YAML between the two ---', came, next: 'Check indentation, quotes and colons.' })
    return none
  }
  const parsed = frontMatter.safeParse(document.toJS() ?? {}, { reportInput: true })
  if (parsed.success) return parsed.data
  for (const issue of parsed.error.issues) mistakes.push(...headMistakes(issue, yaml))
  return none
}

function headMistakes(issue: z.core.$ZodIssue, yaml: string): GuideMistake[] {
  const lineOf = (name: PropertyKey) => yaml.split('\n').findIndex((text) => text.startsWith(`${String(name)}:`)) + 2
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({
      line: lineOf(name),
      wanted: 'severity, alerts, services or symptoms',
      came: name,
      next: 'Correct the word or take the line out.',
    }))
  const [name] = issue.path
  const wanted =
    name === undefined ? 'names with values, such as "severity: SEV2"' : `${String(name)}: ${issue.message}`
  const line = name === undefined ? 2 : lineOf(name)
  return [{ line, wanted, came: cameShown(issue.input), next: 'Correct it between the two --- at the top.' }]
}

/** Steps with keys of their own: two headings may be equal, two keys that were written may not. */
function unique(
  sections: Section[],
  read: (section: Section) => { step: GuideStep; ownKey: boolean } | null,
  mistakes: GuideMistake[],
): GuideStep[] {
  const found = sections.map(read).filter((one) => one !== null)
  const taken = new Set<string>()
  for (const { step, ownKey } of found.filter((one) => one.ownKey)) {
    if (taken.has(step.key))
      mistakes.push({
        line: step.line,
        wanted: 'a key that no other step has',
        came: step.key,
        next: 'Give one of the two another key.',
      })
    if (ownKey) taken.add(step.key)
  }
  return found.map(({ step, ownKey }, at) => {
    if (ownKey) return step
    const key = freeKey(step.key || `step-${at + 1}`, taken)
    taken.add(key)
    return { ...step, key }
  })
}

function proseOf({ title, preamble, after, lines }: Sections): Pick<Guide, 'summary' | 'prose'> {
  const first = preamble.nodes[0]
  const summary = first?.type === 'paragraph' ? first : null
  const parts = [
    sourceOf(preamble, lines, [title, summary]),
    ...after.map((section) => [`# ${headingText(section)}`, sourceOf(section, lines, [])].join('\n\n').trim()),
  ]
  const { from, to } = summary ? linesOf(summary) : { from: 1, to: 0 }
  return {
    summary: lines
      .slice(from - 1, to)
      .join('\n')
      .trim(),
    prose: parts.filter((part) => part !== '').join('\n\n'),
  }
}
