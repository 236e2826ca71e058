import type { Asker, FormName, Parsed, Press } from '../commands/command.js'
import { commands } from '../commands/commands.js'
import type { IncidentPress } from '../commands/incident-words.js'
import { opsNames } from '../commands/ops.js'
import type { Form, Reply } from '../commands/reply.js'
import { replyFor } from '../commands/spoken-form.js'
import { wordsOf } from '../commands/words.js'
import { asShipmateError } from '../errors.js'
import { nearest } from '../releases/nearest.js'
import type { Standing } from '../releases/people.js'
import { restoreForm, restoreWords } from './backups/restoring/form.js'
import { act } from './desk/acts.js'
import { answer } from './desk/answering.js'
import { type FormValues, form } from './desk/forms.js'
import { handOverForm, handOverWords } from './desk/handing-over.js'
import { type Home, home } from './desk/home.js'
import { type Mistake, mistakeIn } from './desk/mistakes.js'
import { knownNames, localExample, refusal, refusalOf, standingOf } from './desk/parts.js'
import { query, unknownRun, viewOf } from './desk/queries.js'
import { submit } from './desk/submitting.js'
import { cancel, retry, rollBack } from './desk/turning.js'
import { actOnIncident, pressIncident } from './incidents/acting.js'
import { incidentForm, isIncidentForm, pressIncidentForm } from './incidents/forms.js'
import { setGoing } from './incidents/guide-answers.js'
import type { IncidentDeskParts } from './incidents/parts.js'
import { queryIncidents } from './incidents/querying.js'
import { restoreFor, restoreKnown } from './incidents/recovering.js'
import { routineActOf, routineForm } from './routines/form.js'

export type { FormValues, Home, IncidentDeskParts as DeskParts, Mistake }

/** What every face calls. Rights are decided here, at the act; a refusal is a reply, only a broken part throws. */
export type Desk = {
  /** `command` is the name without slash (`deploy`), `words` what follows it. */
  say(words: string, command: string, asker: Asker): Promise<Reply>
  /** Words after a mention: "deploy prod v1.8.0". */
  mentions(words: string, asker: Asker): Promise<Reply>
  /**
   * A form with what is known filled in and the rest defaulted; also when a choice in it changed. Throws ShipmateError
   * (kind refused) when this person may do it nowhere.
   */
  form(name: FormName, known: FormValues, asker: Asker): Promise<Form>
  /** The first mistake in a form that shows without asking anybody; null when there is none of that kind. */
  mistakeIn(name: FormName, values: FormValues): Mistake | null
  submitForm(name: FormName, values: FormValues, asker: Asker): Promise<Reply>
  press(press: Press, asker: Asker): Promise<Reply>
  /** A button on an incident's card, a guide or an alert. */
  pressIncident(press: IncidentPress, asker: Asker): Promise<Reply>
  home(asker: Asker): Promise<Home>
}

export function createDesk(parts: IncidentDeskParts): Desk {
  return {
    say: (text, command, asker) => refusing(asker, () => say(parts, text, command, asker)),
    mentions: (text, asker) => refusing(asker, () => mentioned(parts, text, asker)),
    form: async (name, known, asker) => formOf(parts, name, known, await standingOf(parts, asker)),
    mistakeIn: (name, values) => mistakeIn(parts.catalogue, name, values),
    submitForm: (name, values, asker) => refusing(asker, () => submitForm(parts, name, values, asker)),
    press: (press, asker) => refusing(asker, () => pressed(parts, press, asker)),
    pressIncident: (press, asker) => refusing(asker, () => pressIncident(parts, press, asker)),
    home: async (asker) => home(parts, await standingOf(parts, asker)),
  }
}

async function refusing({ via }: Asker, reply: () => Promise<Reply>): Promise<Reply> {
  try {
    return replyFor(via, await reply())
  } catch (thrown) {
    const error = asShipmateError(thrown)
    if (error.kind === 'refused') return replyFor(via, refusalOf(error))
    throw thrown
  }
}

async function say(parts: IncidentDeskParts, text: string, command: string, asker: Asker): Promise<Reply> {
  const read = wordsOf(text)
  if ('problem' in read) {
    const example = commandNamed(command)?.usages[0]?.example ?? '/ops help'
    return unclear(read.problem, localExample(example, knownNames(parts.catalogue)))
  }
  return spoken(parts, command, read.words, asker)
}

async function mentioned(parts: IncidentDeskParts, text: string, asker: Asker): Promise<Reply> {
  const read = wordsOf(text)
  if ('problem' in read) return unclear(read.problem, localExample('/deploy prod', knownNames(parts.catalogue)))
  const [first = 'help', ...rest] = withoutMentions(read.words)
  const name = first.toLowerCase().replace(/^\//, '')
  if (commandNamed(name)) return spoken(parts, name, rest, asker)
  if (opsNames.includes(name)) return spoken(parts, 'ops', [name, ...rest], asker)
  const meant = nearest(name, [...commands.map((one) => one.name), ...opsNames])
  return unclear(meant ? `Did you mean "${meant}"?` : 'I do not know that word.', '@shipmate help')
}

/** Whoever else is mentioned is no word of a command, but for the one that a lock is handed over to. */
function withoutMentions(words: string[]): string[] {
  const isMention = (word: string) => /^<@[^>]+>$/.test(word)
  const begins = words.findIndex((word) => !isMention(word))
  const said = begins < 0 ? [] : words.slice(begins)
  return said.some((word) => /^hand-?over$/i.test(word)) ? said : said.filter((word) => !isMention(word))
}

async function spoken(parts: IncidentDeskParts, name: string, words: string[], asker: Asker): Promise<Reply> {
  const command = commandNamed(name)
  if (!command) {
    const meant = nearest(
      name,
      commands.map((one) => one.name),
    )
    return unclear(meant ? `Did you mean /${meant}?` : 'There is no such command.', '/ops help')
  }
  const parsed = isHelp(words) ? helpWith(name) : command.parse(words, knownNames(parts.catalogue))
  return carriedOut(parts, parsed, asker)
}

/** Asked of any command: never a name, and never what is wrong. */
const isHelp = ([word = '', ...more]: string[]): boolean => more.length === 0 && /^(-h|--?help|help|\?)$/i.test(word)

const helpWith = (command: string): Parsed => ({
  kind: 'query',
  query: { name: 'help', ...(command === 'ops' ? {} : { command }) },
})

async function carriedOut(parts: IncidentDeskParts, parsed: Parsed, asker: Asker): Promise<Reply> {
  switch (parsed.kind) {
    case 'intent':
      return submit(parts, parsed.intent, asker)
    case 'form':
      return { kind: 'form', form: await formOf(parts, parsed.form, parsed.known, await standingOf(parts, asker)) }
    case 'query':
      return query(parts, parsed.query, asker)
    case 'act':
      return act(parts, parsed.act, asker)
    case 'incident act':
      return actOnIncident(parts, parsed.act, asker)
    case 'incident query':
      return queryIncidents(parts, parsed.query, asker)
    case 'problem':
      return unclear(parsed.text, localExample(parsed.example, knownNames(parts.catalogue)))
  }
}

async function formOf(
  parts: IncidentDeskParts,
  name: FormName,
  known: FormValues,
  standing: Standing | null,
): Promise<Form> {
  if (name === 'hand-over') return handOverForm(parts, known, standing)
  if (name === 'routine') return routineForm(parts, known, standing)
  if (name === 'restore') return restoreForm(parts, await restoreKnown(parts, known), standing)
  return isIncidentForm(name) ? incidentForm(parts, name, known, standing) : form(parts, name, known, standing)
}

/** A submitted form says what the words would have said, and is checked as words are. */
async function submitForm(parts: IncidentDeskParts, name: FormName, values: FormValues, asker: Asker): Promise<Reply> {
  if (name === 'hand-over') return spoken(parts, 'ops', ['hand-over', ...handOverWords(values)], asker)
  if (name === 'routine') return act(parts, routineActOf(values), asker)
  if (name === 'restore') return restoreFrom(parts, values, asker)
  if (isIncidentForm(name)) return pressIncidentForm(parts, name, values, asker)
  const fields = ['service', 'environment', 'version', 'instances']
  const words = fields.map((field) => values[field]?.trim() ?? '').filter((word) => word !== '')
  return spoken(parts, name, words, asker)
}

/** The words, with the confirmation: the job itself refuses one that is no name. */
async function restoreFrom(parts: IncidentDeskParts, values: FormValues, asker: Asker): Promise<Reply> {
  const parsed = commandNamed('restore')?.parse(restoreWords(values), knownNames(parts.catalogue))
  if (parsed?.kind !== 'intent') return spoken(parts, 'restore', restoreWords(values), asker)
  const { intent } = parsed
  // Rows that come back into their tables replace nothing, so that job asks for no name.
  const input = intent.job === 'restore' ? { ...intent.input, confirmed: values.confirmed ?? '' } : intent.input
  return restoreFor(parts, { ...intent, input }, Number(values.incident ?? 0), asker)
}

async function pressed(parts: IncidentDeskParts, press: Press, asker: Asker): Promise<Reply> {
  const view = await viewOf(parts, press.run, asker)
  if (!view) return refusal(unknownRun(press.run))
  switch (press.name) {
    case 'cancel':
      return cancel(parts, view.run, press.reason, asker)
    case 'retry':
      return retry(parts, view.run, asker)
    case 'roll back':
      return rollBack(parts, view.run, asker)
    default:
      return answer(parts, press, view, asker, (guide, pressed) => setGoing(parts, guide, pressed, asker))
  }
}

const commandNamed = (name: string) => commands.find((one) => one.name === name)

const unclear = (what: string, example: string): Reply =>
  refusal({ code: 'unclear', what, why: '', next: `For example: ${example}` })
