import { momentIn } from '../../backups/window.js'
import type { Act, Asker } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import { nextMoment } from '../../releases/backups/cron.js'
import type { Denial } from '../../releases/denial.js'
import { nearest } from '../../releases/nearest.js'
import type { Standing } from '../../releases/people.js'
import { isOpen, stateOf, wasMissed } from '../../releases/routines/calendar.js'
import { ownersOf, tickDenied } from '../../releases/routines/owners.js'
import type { Occurrence, Routine } from '../../releases/routines/routine.js'
import { type DeskParts, refusal } from '../desk/parts.js'
import { ago } from '../desk/wording.js'
import { shortened } from '../place.js'
import { calledFor } from './parts.js'

export type RoutineAct = Extract<Act, { name: 'routine' }>

/** Notes are kept whole up to here. */
const longestNote = 1_000

/** Somebody says that a routine is done, or that it is skipped and why. Decided here, at the act; the first one counts. */
export async function tick(
  parts: DeskParts,
  wanted: RoutineAct,
  standing: Standing | null,
  { actor }: Asker,
): Promise<Reply> {
  const meant = await meantBy(parts, wanted)
  if ('code' in meant) return refusal(meant)
  const { routine, occurrence } = meant
  const now = parts.clock.now()
  const denial = await mayNotTick(parts, routine, occurrence, standing)
  if (denial) return refusal(denial)
  const note = wanted.note.trim().slice(0, longestNote)
  const unsaid = note === '' ? unsaidOf(wanted, occurrence) : null
  if (unsaid) return refusal(unsaid)
  const late = wasMissed(occurrence, now)
  const { rows } = parts.routines
  if (!(await rows.end(occurrence, { as: wanted.as, by: actor, note, late }, now))) {
    const after = (await rows.occurrence(occurrence.id)) ?? occurrence
    return refusal(endedAlready(parts, routine, after, actor.id))
  }
  const first = wanted.as === 'done' ? `You said that ${routine.name} is done.` : `You skipped ${routine.name}.`
  const stays = late ? ' It was missed, and that stays on record.' : ''
  return { kind: 'said', text: `${first}${stays}\n${comesAgain(parts, routine)}` }
}

type Meant = { routine: Routine; occurrence: Occurrence }

/** The one that a button names, else the newest of the routine; refused where nothing can be said of it any more. */
async function meantBy(parts: DeskParts, { routine: name, occurrence: id }: RoutineAct): Promise<Meant | Denial> {
  const { rows } = parts.routines
  const named = id === undefined ? null : await rows.occurrence(id)
  const routine = routineOf(parts, named?.routine ?? name)
  if (!routine) return unknownRoutine(parts, named?.routine ?? name)
  const [standing] = named ? [] : await rows.standings([routine.name], parts.clock.now(), parts.clock.now())
  const occurrence = named ?? standing?.newest ?? null
  if (!occurrence) return notDue(parts, routine, 'It was not due so far.')
  if (isOpen(occurrence)) return { routine, occurrence }
  return named
    ? endedAlready(parts, routine, occurrence)
    : notDue(parts, routine, `${whatBecame(occurrence, parts.clock.now())}.`)
}

const routineOf = ({ catalogue }: DeskParts, name: string): Routine | null =>
  Object.hasOwn(catalogue.routines, name) ? (catalogue.routines[name] ?? null) : null

/** Why this person may not say anything of it; null when they may. */
export async function mayNotTick(
  { catalogue, clock, routines }: DeskParts,
  routine: Routine,
  { asked }: Pick<Occurrence, 'asked'>,
  standing: Standing | null,
): Promise<Denial | null> {
  const now = clock.now()
  const onDuty = await calledFor(ownersOf(routine), routines.onCall, now)
  const called = {
    people: [...onDuty.people, ...(asked?.called.people ?? [])],
    groups: [...onDuty.groups, ...(asked?.called.groups ?? [])],
  }
  return tickDenied(routine, called, catalogue.slack.adminGroup, standing, now)
}

function unsaidOf({ as }: RoutineAct, { routine, asked }: Occurrence): Denial | null {
  if (as === 'skipped')
    return {
      code: 'reason-missing',
      what: `${routine} stays as it is.`,
      why: 'Skipping it needs a reason: it stands beside it in the channel.',
      next: `Say why: /ops routines skip ${routine} because …`,
    }
  if (asked?.evidence !== 'required') return null
  return {
    code: 'evidence-missing',
    what: `${routine} stays as it is.`,
    why: 'The operator’s file wants a note or a link that shows that it was done (evidence: required).',
    next: `Say what you saw: /ops routines done ${routine} …`,
  }
}

/** A click on an old message, or the second of two at once: what the first one did. */
function endedAlready({ clock }: DeskParts, routine: Routine, occurrence: Occurrence, asker?: string): Denial {
  const now = clock.now()
  const { ended } = occurrence
  const why = ended && ended.by.id === asker ? `You have said it: ${ended.as} ${ago(ended.at, now)}` : null
  return {
    code: 'routine-ended',
    what: `Your click changed nothing: ${routine.name} ${standsAs(occurrence, now)}.`,
    why: `${why ?? whatBecame(occurrence, now)}.`,
    next: ended ? 'Nothing more to do.' : 'Look at what is due now: /ops routines',
  }
}

function standsAs(occurrence: Occurrence, now: Date): string {
  const state = stateOf(occurrence, now)
  if (state === 'missed') return 'was missed'
  return state === 'withdrawn' ? 'is not asked for any more' : `is ${state} already`
}

/** "Rita did it 3 min ago: looked at all of them". */
function whatBecame({ ended, missedAt }: Occurrence, now: Date): string {
  if (!ended) return missedAt ? 'A newer one is due in its place' : 'The operator’s file has it no more'
  const note = ended.note === '' ? '' : `: ${shortened(ended.note)}`
  return `${ended.by.name} ${ended.as === 'done' ? 'did' : 'skipped'} it ${ago(ended.at, now)}${note}`
}

const notDue = (parts: DeskParts, routine: Routine, why: string): Denial => ({
  code: 'routine-not-due',
  what: `${routine.name} is not due now.`,
  why,
  next: comesAgain(parts, routine),
})

function comesAgain({ catalogue, clock }: DeskParts, { every }: Routine): string {
  const next = nextMoment(every, catalogue.zone, clock.now())
  return next ? `It is due again ${momentIn(catalogue.zone)(next)} (${catalogue.zone}).` : 'It is not due again.'
}

function unknownRoutine({ catalogue }: DeskParts, name: string): Denial {
  const names = Object.keys(catalogue.routines)
  const meant = nearest(name, names)
  return {
    code: 'routine-unknown',
    what: `There is no routine ${shortened(name)}.`,
    why: names.length === 0 ? 'The operator’s file has none.' : `There are: ${names.join(', ')}.`,
    next: meant ? `Did you mean ${meant}?` : 'Look at all of them: /ops routines',
  }
}
