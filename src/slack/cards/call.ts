import { openStep } from '../../releases/approvals.js'
import type { RunView } from '../../runs/run.js'
import { questionOf } from '../../runs/settling.js'
import type { People } from '../../runs/step.js'
import { type Message, message, section } from '../blocks.js'
import { momentToken } from '../moment.js'
import { list, plural, quote } from '../text.js'
import { isGlass } from './glass.js'
import { missing } from './next-line.js'
import { type AskRecord, isApproval } from './parts-of-run.js'
import { changeOf, subjectOf, unstarred } from './subject.js'

/** The id of a user group by its handle; null when it cannot be told, and then its name is shown without calling it. */
export type GroupIds = (handle: string) => Promise<string | null>

/** The one message that calls people: who, for what, and until when. */
export async function callMessage(view: RunView, ask: AskRecord, groupIds: GroupIds, now: Date): Promise<Message> {
  const requester = view.run.requestedBy.id
  // Others may close glass; whoever broke it is the one who has to.
  const own = isGlass(view) && ask.key === openStep
  const of: People = own ? { groups: [], people: [requester], requester: 'counts' } : ask.step.of
  const called = await calledPeople(of, requester, groupIds)
  const change = changeOf(subjectOf(view.run))
  const until = ask.deadline ? ` until ${momentToken(ask.deadline, now)}` : ''
  const about = ask.step.about === undefined ? '' : `\n${quote(questionOf(view, ask.step), 600)}`
  const text = isApproval(ask.step)
    ? `${called}: ${change} waits for ${plural(missing(view, ask, now), 'approval')}${until}.${about}`
    : `${called}: ${change}. ${quote(questionOf(view, ask.step), 300)}`
  return message(unstarred(text), [section(text)])
}

async function calledPeople(of: People, requester: string, groupIds: GroupIds): Promise<string> {
  const people = of.people.filter((id) => of.requester !== 'excluded' || id !== requester).map(personToken)
  const groups = await Promise.all(of.groups.map(async (handle) => groupToken(await groupIds(handle), handle)))
  return list([...groups, ...people]) || 'Whoever may approve'
}

export const groupToken = (id: string | null, handle: string) =>
  id && /^S[A-Z0-9]{1,20}$/.test(id) ? `<!subteam^${id}>` : `@${quote(handle, 40)}`

/** Ids come from the operator's file; anything else than an id is shown as text. */
export const personToken = (id: string) => (/^[UW][A-Z0-9]{1,20}$/.test(id) ? `<@${id}>` : quote(id, 40))
