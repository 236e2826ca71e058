import type { Blockquote, Code, List, ListItem } from 'mdast'
import type { GuideAnswer, GuideStep } from '../guide.js'
import { keyOf } from './keys.js'
import { linesOf, plain } from './markdown.js'
import type { GuideMistake } from './mistakes.js'
import { headingText, isSettings, isShown, type Section, sourceOf } from './sections.js'
import { type GuideVerb, type Settings, settingsOf } from './settings.js'

type Read = { step: GuideStep; ownKey: boolean }

/** One step from its heading and what stands below; null, with the mistakes noted, when it cannot be used. */
export function readStep(section: Section, lines: string[], mistakes: GuideMistake[]): Read | null {
  const { verb, title } = headOf(headingText(section))
  const { line } = section
  if (title === '') mistakes.push(untitled(line))
  const [block = null, second] = section.nodes.filter(isSettings)
  if (second) mistakes.push(twice(linesOf(second).from))
  const settings = settingsOf(verb, block, line, mistakes)
  const body = bodyOf(verb, section, lines, mistakes)
  if (!settings || !body) return null
  const { key, when, alongside, minutes } = settings
  const why = sourceOf(section, lines, [block, ...body.nodes])
  const common = { key: key ?? keyOf(title), title, line, why, when, alongside, minutes }
  return { step: { ...common, ...own(verb, settings, body) } as GuideStep, ownKey: key !== undefined }
}

const verbs: { [word: string]: GuideVerb } = {
  check: 'check',
  ask: 'ask',
  do: 'do',
  say: 'say',
  'by hand': 'manual',
}
const untitled = (line: number): GuideMistake => ({
  line,
  wanted: 'what the step is about, such as "## Check: p95 is under its limit"',
  came: 'a heading without words',
  next: 'Write it into the heading.',
})
const twice = (line: number): GuideMistake => ({
  line,
  wanted: 'one block "yaml shipmate" in a step',
  came: 'a second one',
  next: 'Join them, or make two steps.',
})

/** `1. Check: p95 is back` → check, "p95 is back". Without a verb it is something that a person does by hand. */
export function headOf(heading: string): { verb: GuideVerb; title: string } {
  const text = heading.replace(/^\d+[.)]\s*/, '').trim()
  const match = /^(check|ask|do|say|by hand):\s*/i.exec(text)
  const verb = verbs[match?.[1]?.toLowerCase() ?? '']
  return match && verb ? { verb, title: text.slice(match[0].length).trim() } : { verb: 'manual', title: text }
}

/** What of a step's blocks is more than its why. */
type Body = { nodes: (Code | List | Blockquote)[]; answers?: GuideAnswer[]; text?: string; command?: string | null }

function bodyOf(verb: GuideVerb, section: Section, lines: string[], mistakes: GuideMistake[]): Body | null {
  if (verb === 'ask') return answersIn(section, lines, mistakes)
  if (verb === 'say') return textIn(section, lines, mistakes)
  if (verb === 'manual') return commandIn(section)
  return { nodes: [] }
}

function own(verb: GuideVerb, settings: Settings<GuideVerb>, body: Body): object {
  if (verb === 'check') {
    const { check, with: input, until } = settings as Settings<'check'>
    return { verb, check, with: input, until }
  }
  if (verb === 'do') {
    const { do: job, with: input, proof } = settings as Settings<'do'>
    return { verb, job, with: input, proof }
  }
  if (verb === 'ask') return { verb, answers: body.answers ?? [] }
  if (verb === 'say') return { verb, audience: (settings as Settings<'say'>).to, text: body.text ?? '' }
  return { verb, command: body.command ?? null }
}

/** The last list below an ask is its answers. */
function answersIn(section: Section, lines: string[], mistakes: GuideMistake[]): Body | null {
  const list = section.nodes.findLast((node): node is List => node.type === 'list')
  const answers = list?.children.map((item) => answerOf(item, lines)) ?? []
  const before = mistakes.length
  if (!list || answers.length < 2 || answers.length > 5)
    mistakes.push({
      line: section.line,
      wanted: 'two to five answers as a list, such as "- **Yes**: it began with a deploy"',
      came: answers.length === 0 ? 'none' : String(answers.length),
      next: 'Write them below the question.',
    })
  answers.forEach((answer, at) => {
    const line = linesOf(list?.children[at] ?? {}).from
    const wrong = wrongAnswer(answer, answers.slice(0, at))
    if (wrong) mistakes.push({ line, ...wrong })
  })
  return list && mistakes.length === before ? { nodes: [list], answers } : null
}

/** `- **Yes**: it began with a deploy` → Yes, with what it means. */
function answerOf(item: ListItem, lines: string[]): GuideAnswer {
  const first = item.children[0]
  const strong = first?.type === 'paragraph' && first.children[0]?.type === 'strong' ? first.children[0] : null
  const label = plain(strong ?? first ?? item)
  const end = strong?.position?.end
  const { to } = linesOf(item)
  const rest = end ? [lines[end.line - 1]?.slice(end.column - 1) ?? '', ...lines.slice(end.line, to)] : []
  const means = rest
    .map((text) => text.trim())
    .join('\n')
    .replace(/^[\s:,.–—-]+/, '')
    .trim()
  return { label, value: keyOf(label), means: means || null }
}

/** Longer ones do not fit on a button of Slack's. */
const longestLabel = 75

/** Words that every step has an answer for, or that the engine understands in its own way. */
const reserved = ['skip', 'reject']

function wrongAnswer({ label, value }: GuideAnswer, before: GuideAnswer[]): Omit<GuideMistake, 'line'> | null {
  if (value === '' || label.length > longestLabel)
    return {
      wanted: `an answer of a few words with letters, at most ${longestLabel} long`,
      came: label ? `"${label.slice(0, 40)}"` : 'none',
      next: 'Write the answer in bold, and what it means behind a colon: - **Yes**: it began with a deploy.',
    }
  if (reserved.includes(value))
    return {
      wanted: 'another word',
      came: `"${label}"`,
      next: 'Every step can be skipped with a reason without an answer for it.',
    }
  if (!before.some((other) => other.value === value)) return null
  return { wanted: 'answers that differ', came: `"${label}" twice`, next: 'Change one of them.' }
}

/** What is quoted below a say is the draft. */
function textIn(section: Section, lines: string[], mistakes: GuideMistake[]): Body | null {
  const quotes = section.nodes.filter((node): node is Blockquote => node.type === 'blockquote')
  const text = quotes.map((quote) => unquoted(quote, lines)).join('\n\n')
  if (text !== '') return { nodes: quotes, text }
  mistakes.push({
    line: section.line,
    wanted: 'a draft of what is said, each line behind a >',
    came: 'none',
    next: 'Write it below the why.',
  })
  return null
}

function unquoted(quote: Blockquote, lines: string[]): string {
  const { from, to } = linesOf(quote)
  const inner = lines.slice(from - 1, to).map((line) => line.replace(/^\s*> ?/, ''))
  return inner.join('\n').trim()
}

/** The first block of code below a step by hand is what to run. */
function commandIn(section: Section): Body {
  const code = section.nodes.find((node): node is Code => node.type === 'code' && !isSettings(node) && !isShown(node))
  return code ? { nodes: [code], command: code.value } : { nodes: [], command: null }
}
