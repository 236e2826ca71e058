import type { GivenReview, IncidentView, Room } from '../../../incidents/incident.js'
import type { IncidentSpeaking } from '../room/speaking.js'
import { canvasStep } from './canvas.js'
import { fileStep } from './file.js'
import { type Giving, isOwed, type Step } from './giving.js'

/** What one process remembers of giving a review; all of it may be lost. Times in epoch milliseconds. */
export type ReviewMemory = {
  /** After a refusal, not before then. */
  again: number
  /** It is written anew this rarely. */
  pacedUntil: number
  tries: number
  /** Of the rows that were to be written last. */
  version: number
}

export const noReview = (): ReviewMemory => ({ again: 0, pacedUntil: 0, tries: 0, version: 0 })

/** A review that changes with every note is written anew with several of them at once. */
const betweenWritings = 10_000
/** When what Slack refused is tried again; then only when there is something new to write. */
const pauses = [60_000, 600_000, 3_600_000]
const mostSteps = 8

export type GivenRoom = {
  room: Room
  next: number
  /** What the card says of it has changed. */
  changed: boolean
}

/**
 * Gives the review as a canvas of the incident's channel, or as a file in its card's thread where Slack takes no canvas.
 * What stands is written down with `save` after each call, so that whoever goes on makes nothing twice.
 */
export async function giveReview(
  parts: IncidentSpeaking,
  view: IncidentView,
  before: Room,
  memory: ReviewMemory,
  save: (room: Room) => Promise<void>,
): Promise<GivenRoom> {
  const { reviews } = parts.incidents
  const idle = { room: before, next: Number.POSITIVE_INFINITY, changed: false }
  if (!reviews || !isOwed(view.incident, before.review)) return idle
  const now = parts.clock.now().getTime()
  const from = freeFrom(memory, view)
  if (from > now) return { ...idle, next: from - now }
  let room = before
  const keep = async (review: GivenReview | null, troubles = room.troubles) => {
    room = { ...room, review, troubles }
    await save(room)
  }
  // Whoever leads next finds that it is owed.
  if (room.review === undefined) await keep(null)
  const giving: Giving = { parts, reviews, view, paper: await reviews.written(view), tries: memory.tries, keep }
  for (let nth = 0; nth < mostSteps; nth++) {
    const step = await nextStep(giving, room)
    if (step.kind === 'go on') await keep(step.review)
    else {
      if (step.kind !== 'later') await keep(keptOf(step, room), troublesOf(step, room))
      return { room, next: remembered(memory, step, now), changed: saidOf(before) !== saidOf(room) }
    }
  }
  return { room, next: 1_000, changed: true }
}

/** Refused for good, it waits for something new to write; an incident that ends for good is not kept waiting. */
function freeFrom(memory: ReviewMemory, { incident: { version, state } }: IncidentView): number {
  if (memory.version !== version && memory.again === Number.POSITIVE_INFINITY) memory.again = 0
  memory.version = version
  return Math.max(memory.again, state === 'archived' ? 0 : memory.pacedUntil)
}

/** What the card says of it. */
const saidOf = ({ review, troubles }: Room): string => JSON.stringify([review?.as, review?.id, troubles])

function nextStep(giving: Giving, { channel, card, review }: Room): Promise<Step> {
  if (review?.as === 'file' || channel === null) return fileStep(giving, card, review?.as === 'file' ? review : null)
  return canvasStep(giving, channel, review ?? null)
}

type Ended = Extract<Step, { kind: 'stands' | 'trouble' }>

function keptOf(step: Ended, room: Room): GivenReview | null {
  if (step.kind === 'stands') return step.review
  return step.again === 'here' ? (room.review ?? null) : null
}

function troublesOf(step: Ended, { troubles }: Room): Room['troubles'] {
  const others = troubles.filter(({ piece }) => piece !== 'review')
  return step.kind === 'stands' ? others : [...others, { piece: 'review', text: step.text, next: step.next }]
}

/** Answers milliseconds until something is due again. */
function remembered(memory: ReviewMemory, step: Exclude<Step, { kind: 'go on' }>, now: number): number {
  if (step.kind === 'stands') {
    Object.assign(memory, { again: 0, tries: 0, pacedUntil: now + betweenWritings })
    return Number.POSITIVE_INFINITY
  }
  const pause = step.kind === 'later' ? step.ms : (pauses[memory.tries] ?? Number.POSITIVE_INFINITY)
  if (step.kind === 'trouble' || step.failed) memory.tries += 1
  memory.again = now + pause
  return pause
}
