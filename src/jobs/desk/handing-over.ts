import type { Asker } from '../../commands/command.js'
import type { Field, Form, Reply } from '../../commands/reply.js'
import { refused } from '../../errors.js'
import { environmentOf } from '../../releases/catalogue.js'
import type { Denial } from '../../releases/denial.js'
import { isByHand } from '../../releases/locks.js'
import type { Standing } from '../../releases/people.js'
import { denied, unproven } from '../../releases/permission.js'
import type { LockHolder } from '../../runs/ports.js'
import type { FormValues } from './forms.js'
import { placeLines } from './lines.js'
import {
  changedMeanwhile,
  heldAt,
  heldByRun,
  holdersOf,
  lockOfAnother,
  mayActFor,
  type Places,
  shownPlaces,
} from './locking.js'
import { type DeskParts, refusal } from './parts.js'

/** Gives a lock held by hand to somebody else, who must be one who may lock there; both are told. */
export async function handOver(
  parts: DeskParts,
  places: Places,
  to: string,
  standing: Standing | null,
  { actor }: Asker,
): Promise<Reply> {
  const now = parts.clock.now()
  const { byHand: locks, byRun } = await heldAt(parts, places, now)
  if (locks.length === 0 && byRun) return refusal(await heldByRun(parts, byRun, now))
  if (locks.length === 0)
    return { kind: 'said', text: `${shownPlaces(places)} is not locked, so there is nothing to hand over.` }
  const foreign = locks.find((lock) => !mayActFor(parts.catalogue, lock, standing))
  if (foreign) return refusal(lockOfAnother(parts.catalogue, foreign, now))
  if (locks.every(({ by }) => by.id === to)) return { kind: 'said', text: `${locks[0]?.by.name} holds it already.` }
  const receiver = await receiverOf(parts, places, to)
  if ('code' in receiver) return refusal(receiver)
  const person = { kind: 'person' as const, id: to, name: receiver.name }
  const act = { resources: locks.map(({ resource }) => resource), holders: holdersOf(locks), by: actor, at: now }
  const after = await parts.locks.handOver({ ...act, to: person })
  if (!after.ok) return refusal(changedMeanwhile(places, after.inTheWay, now))
  const title = `${receiver.name} holds the lock on ${shownPlaces(places)} now, and is told.`
  return { kind: 'lines', title, none: '', places: await placeLines(parts, places, standing) }
}

/** Who is to hold it: nobody gets a lock that they could not have taken. */
async function receiverOf(parts: DeskParts, { environment }: Places, to: string): Promise<Standing | Denial> {
  const what = 'The lock stays with its holder.'
  const standing = await parts.directory.standing(to).catch(() => null)
  const denial = denied('lock', environment, standing, parts.clock.now())
  if (standing && !denial) return standing
  return {
    code: 'cannot-hold',
    what,
    why: standing
      ? `${standing.name} may not lock ${environment.name}${standing.barred ? `: ${standing.barred}` : ''}.`
      : 'Slack could not tell who that is, and a lock is given to nobody unknown.',
    next: standing ? 'Choose somebody who may.' : 'Try again in a minute.',
  }
}

/** Which lock, and to whom. Throws refused when this person holds none that could be given away. */
export async function handOverForm(parts: DeskParts, known: FormValues, standing: Standing | null): Promise<Form> {
  const now = parts.clock.now()
  const unknown = unproven(standing, now, 'You may not hand over a lock.')
  if (unknown) throw refused(unknown.code, `${unknown.what} ${unknown.why}`, { next: unknown.next })
  const locks = (await parts.locks.holders()).filter((lock) => mayGive(parts, lock, standing, now))
  if (locks.length === 0)
    throw refused('no-lock-held', 'There is no lock that you may hand over.', {
      next: 'Look who holds what: /ops locks',
    })
  const options = locks.map((lock) => ({ value: placeWords(lock), label: placeWords(lock), description: lock.reason }))
  const place: Field = { name: 'lock', label: 'Lock', value: chosen(options, known.lock), options }
  const person: Field = {
    name: 'person',
    label: 'To whom',
    hint: 'They are told, and hold it from then on.',
    person: true,
  }
  return {
    name: 'hand-over',
    title: 'Hand over a lock',
    submit: 'Hand over',
    intro: 'The lock keeps its reason and its end.',
    fields: [place, person],
  }
}

const chosen = (options: { value: string }[], known: string | undefined) =>
  options.find(({ value }) => value === known)?.value ?? options[0]?.value ?? ''

function mayGive(parts: DeskParts, lock: LockHolder, standing: Standing | null, now: Date): boolean {
  const environment = environmentOf(parts.catalogue, lock.resource.split('/')[1] ?? '')
  return (
    environment !== null &&
    isByHand(lock, now) &&
    mayActFor(parts.catalogue, lock, standing) &&
    denied('lock', environment, standing, now) === null
  )
}

/** "storefront prod", as it is said. */
const placeWords = ({ resource }: LockHolder) => resource.split('/').join(' ')

/** What a submitted form says in words. */
export const handOverWords = ({ lock = '', person = '' }: FormValues): string[] => [...lock.split(' '), person]
