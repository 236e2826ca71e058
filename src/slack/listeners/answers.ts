import type { Reply } from '../../commands/reply.js'
import type { Message } from '../blocks.js'
import { allowedResponseUrl, postToResponseUrl } from '../front-door/response-url.js'
import { replyMessage } from '../replies.js'
import type { FaceParts } from './parts.js'

/** Where one person can be answered; the first way that is open is taken. */
export type Ways = {
  user: string
  responseUrl?: string | undefined
  channel?: string | undefined
  thread?: string | undefined
  /** What a form that is opened from here is about and has no field for. */
  known?: { [field: string]: string } | undefined
}

/** A reply as what an acknowledgement carries. */
export function inAck(parts: FaceParts, reply: Reply): Message & { response_type: 'ephemeral' } {
  return { response_type: 'ephemeral', ...drawn(parts, reply) }
}

export const drawn = (parts: FaceParts, reply: Reply): Message =>
  replyMessage(reply, { now: parts.clock.now(), channelOf: parts.channelOf, settings: parts.settings })

/** Tells one person, so that nobody else sees it: through the payload's own address, in the channel, or directly. */
export async function answer(parts: FaceParts, ways: Ways, message: Message): Promise<void> {
  const { user, responseUrl, channel, thread } = ways
  if (responseUrl && (await throughResponseUrl(parts, responseUrl, message))) return
  if (channel) {
    const told = await parts.web.call('chat.postEphemeral', {
      channel,
      user,
      ...(thread ? { thread_ts: thread } : {}),
      ...message,
    })
    if (told.ok) return
  }
  const told = await parts.web.call('chat.postMessage', { channel: user, ...message })
  if (!told.ok) parts.log.warn({ answer: told }, 'a person could not be answered')
}

async function throughResponseUrl(
  { responseOrigins, log }: FaceParts,
  url: string,
  message: Message,
): Promise<boolean> {
  if (!allowedResponseUrl(url, responseOrigins)) {
    log.warn({}, 'an answer was asked for at an address that is not Slack’s; it was not sent there')
    return false
  }
  return postToResponseUrl(url, { response_type: 'ephemeral', replace_original: false, ...message }).then(
    () => true,
    () => false,
  )
}
