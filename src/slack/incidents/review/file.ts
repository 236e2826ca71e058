import { z } from 'zod'
import { type GivenReview, nameOf } from '../../../incidents/incident.js'
import { upload } from '../../upload.js'
import type { Answer } from '../../web.js'
import { answerOf } from '../room/pieces.js'
import { ask, type IncidentSpeaking } from '../room/speaking.js'
import { type Giving, mended, type Step, waitFor } from './giving.js'
import { whyNoCanvas } from './words.js'

type File = Extract<GivenReview, { as: 'file' }>
type Card = { channel: string; ts: string }

/**
 * A file is made in three calls: an address, the bytes, and its place in the thread. Its id is written down before the
 * last; whoever finds it without its place looks whether it stands there, where the app may read the channel.
 */
export async function fileStep(giving: Giving, card: Card | null, given: File | null): Promise<Step> {
  if (!card) return { kind: 'later', ms: 1_000 }
  if (!given || given.shared) return { kind: 'go on', review: noFile(given?.why ?? 'no channel') }
  if (given.id === null) return uploaded(giving, card, given)
  const seen = await standsThere(giving.parts, card, given.id)
  if (seen.kind === 'later') return seen
  return seen.there ? stands(giving, given) : shared(giving, card, { ...given, id: given.id })
}

/** Nothing of it is there yet. */
export const noFile = (why: string): File => {
  return { as: 'file', why, id: null, shared: false, version: 0, digest: '', at: null }
}

async function uploaded(giving: Giving, card: Card, file: File): Promise<Step> {
  const { parts, reviews, paper } = giving
  const call = async (method: string, args: { [name: string]: unknown }): Promise<Answer> => {
    const told = await ask(parts, method, args)
    return told.kind === 'later' ? { ok: false, why: 'limited', retryAfterMs: told.ms } : answerOf(told)
  }
  const done = await upload(call, reviews.send, { name: paper.name, bytes: Buffer.from(paper.markdown) })
  if (done.ok) {
    const kept: File & { id: string } = { ...file, id: String(done.data.file), shared: false }
    await giving.keep(kept)
    return shared(giving, card, kept)
  }
  if (done.why === 'limited') return { kind: 'later', ms: done.retryAfterMs }
  if (done.why === 'unreachable') return waitFor(giving, 'request_timeout') ?? trouble(file, done.text)
  return waitFor(giving, done.error) ?? trouble(file, done.error)
}

async function shared(giving: Giving, card: Card, file: File & { id: string }): Promise<Step> {
  const { parts, view } = giving
  const name = nameOf(view.incident.id)
  const told = await ask(parts, 'files.completeUploadExternal', {
    files: [{ id: file.id, title: `Review of ${name}` }],
    channel_id: card.channel,
    thread_ts: card.ts,
    initial_comment: `The review of ${name} as it was when it was resolved. ${whyNoCanvas(file.why)} \`/incident review\` writes it anew.`,
  })
  if (told.kind === 'later') return told
  if (told.kind === 'ok') return stands(giving, file)
  // Slack keeps bytes without a place for a while only.
  if (told.error === 'file_not_found')
    return waitFor(giving, 'internal_error')
      ? { kind: 'go on', review: { ...file, id: null } }
      : trouble(file, told.error)
  return waitFor(giving, told.error) ?? trouble(file, told.error)
}

function stands({ parts, view, paper }: Giving, file: File): Step {
  const { version } = view.incident
  const at = parts.clock.now().toISOString()
  return { kind: 'stands', review: { ...file, shared: true, version, digest: paper.digest, at } }
}

/** The next try begins with the canvas again: whoever mends the one often mends the other. */
function trouble({ why }: File, error: string): Step {
  const text = `The review stands in no page of Slack: a canvas was refused (${why}), and a file too (${error}).`
  return { kind: 'trouble', text, next: mended(error), again: 'from the start' }
}

const threadShape = z.object({
  messages: z.array(z.object({ files: z.array(z.object({ id: z.string() })).default([]) })).default([]),
})

/** Where the app may not read, it counts as not there: the same file is given its place once more. */
async function standsThere(parts: IncidentSpeaking, { channel, ts }: Card, id: string) {
  const told = await ask(parts, 'conversations.replies', { channel, ts, limit: 200 })
  if (told.kind === 'later') return told
  const read = threadShape.safeParse(told.data)
  const there = read.success && read.data.messages.some(({ files }) => files.some((one) => one.id === id))
  return { kind: 'looked' as const, there }
}
