import type { Reply } from '../../commands/reply.js'
import { message, section } from '../blocks.js'
import { signs } from '../cards/signs.js'
import { upload } from '../upload.js'
import type { Answer } from '../web.js'
import { answer, type Ways } from './answers.js'
import type { FaceParts } from './parts.js'
import { givenDirectly, whyNotShown } from './pictures.js'

/**
 * The document that belongs to an answer, after the answer, and directly to whoever asked: it is written for what this
 * person may see, and a channel has readers who may not.
 */
export async function givePaper(parts: FaceParts, { user, ...ways }: Ways, reply: Reply): Promise<void> {
  if (reply.kind !== 'handbook' || !parts.pictures) return
  const { name, markdown, of } = reply
  const given = await upload(parts.web.call, parts.pictures.send, { name, bytes: Buffer.from(markdown) })
  const title = of === null ? 'Backup handbook' : `Backup handbook of ${of}`
  const told: Answer = given.ok ? await givenDirectly(parts, user, [{ id: String(given.data.file), title }]) : given
  if (told.ok) return
  parts.log.warn({ answer: told }, 'a document was not given')
  const words = `${signs.warning} The file did not come: ${whyNotShown(told)}`
  await answer(parts, { user, ...ways }, message(words, [section(words)]))
}
