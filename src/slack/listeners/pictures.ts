import type { Reply } from '../../commands/reply.js'
import { chartOf } from '../../incidents/measures/chart.js'
import type { Measures } from '../../incidents/measures/measures.js'
import { message, section } from '../blocks.js'
import { signs } from '../cards/signs.js'
import { plural, quote } from '../text.js'
import { upload } from '../upload.js'
import type { Answer } from '../web.js'
import { answer, type Ways } from './answers.js'
import type { FaceParts, Pictures } from './parts.js'

/**
 * The picture that belongs to an answer, after the answer: where it was asked for, or directly to whoever asked where the
 * app may put none. Files are seen by all who read there; figures of deploys are for everybody.
 */
export async function showPicture(parts: FaceParts, ways: Ways, reply: Reply): Promise<void> {
  if (reply.kind !== 'metrics' || !parts.pictures) return
  const told = await chartShown(parts, parts.pictures, ways, reply.measures).catch((thrown): Answer => {
    parts.log.error({ err: thrown }, 'a chart could not be drawn')
    return { ok: false, why: 'refused', error: 'not_drawn', text: 'it could not be drawn' }
  })
  if (told.ok) return
  parts.log.warn({ answer: told }, 'a chart was not shown')
  const words = `${signs.warning} The chart is missing: ${whyNotShown(told)}`
  await answer(parts, ways, message(words, [section(words)]))
}

async function chartShown(parts: FaceParts, pictures: Pictures, ways: Ways, measures: Measures): Promise<Answer> {
  const { days, environment, verdict } = measures
  const name = `metrics-${environment.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${days}-days.png`
  const bytes = await pictures.drawn(chartOf(measures))
  const given = await upload(parts.web.call, pictures.send, { name, bytes, alt: verdict })
  if (!given.ok) return given
  const title = `Deploys and incidents in ${environment}, the last ${plural(days, 'day')}`
  const files = [{ id: String(given.data.file), title }]
  if (ways.channel) {
    const thread = ways.thread ? { thread_ts: ways.thread } : {}
    const there = { files, channel_id: ways.channel, ...thread }
    const told = await parts.web.call('files.completeUploadExternal', there)
    if (told.ok || told.why !== 'refused' || !notHere.has(told.error)) return told
  }
  return givenDirectly(parts, ways.user, files)
}

/** To this person alone, where nobody else reads. */
export async function givenDirectly(
  parts: Pick<FaceParts, 'web'>,
  user: string,
  files: { id: string; title: string }[],
): Promise<Answer> {
  const direct = await parts.web.call('conversations.open', { users: user })
  if (!direct.ok) return direct
  return parts.web.call('files.completeUploadExternal', { files, channel_id: channelIn(direct.data) })
}

/** The app is no member there, or nobody may post. */
const notHere = new Set([
  'access_denied',
  'channel_not_found',
  'invalid_channel',
  'is_archived',
  'not_in_channel',
  'posting_to_channel_denied',
  'restricted_action',
])

function channelIn({ channel }: { [field: string]: unknown }): string {
  return typeof channel === 'object' && channel !== null && 'id' in channel ? String(channel.id) : ''
}

export function whyNotShown(told: Exclude<Answer, { ok: true }>): string {
  if (told.why === 'limited') return 'Slack asks to wait. Ask again in a moment.'
  if (told.why === 'unreachable') return 'Slack did not take it. Ask again in a moment.'
  if (told.error === 'missing_scope')
    return 'the app lacks a scope (missing_scope). Install it again with the current manifest.yml.'
  return told.error === 'not_drawn'
    ? 'it could not be drawn; the log says why.'
    : `Slack says ${quote(told.error, 80)}.`
}
