import { momentIn } from '../../backups/window.js'
import type { Reply } from '../../commands/reply.js'
import type { JsonObject } from '../../json.js'
import type { Standing } from '../../releases/people.js'
import { shortened } from '../place.js'
import { type DeskParts, refusal } from './parts.js'
import { visible } from './rights.js'

const shown = 10

/** What was done outside runs, for whoever may see every environment: an act may be about any of them. */
export async function outsideActs(parts: DeskParts, standing: Standing): Promise<Reply> {
  const { catalogue, trail } = parts
  if (visible(parts, standing).length < Object.keys(catalogue.environments).length)
    return refusal({
      code: 'may-not',
      what: 'You may not read these acts.',
      why: 'They are about all environments, and you may not see all of them.',
      next: 'Ask somebody who may view each of them.',
    })
  const acts = await trail.outside(shown)
  if (acts.length === 0) return { kind: 'said', text: 'Nothing was done outside runs so far.' }
  const moment = momentIn(catalogue.zone)
  const lines = acts.map(({ at, actor, act, subject }) => {
    return `${moment(at)} · ${shortened(actor?.id ?? 'Shipmate')} ${act}${subjectWords(subject)}`
  })
  const head = `The latest acts outside runs; times are of ${catalogue.zone}. To follow the hashes: npx shipmate audit verify`
  return { kind: 'said', text: [head, ...lines].join('\n') }
}

function subjectWords(subject: JsonObject): string {
  const words = Object.entries(subject).filter(([name]) => name !== 'words')
  if (words.length === 0) return ''
  return ` (${words.map(([name, value]) => `${name} ${shortened(typeof value === 'string' ? value : JSON.stringify(value))}`).join(', ')})`
}
