import type { ModalView } from '@slack/types'
import type { Form, Reply } from '../../commands/reply.js'
import { type AskedForm, askedFormOf, formTooLate } from '../replies/opening.js'
import { formView } from '../views/form-view.js'
import type { Origin } from '../views/origin.js'
import { answerView, loadingView } from '../views/pages.js'
import { answer, drawn, type Ways } from './answers.js'
import { type FaceParts, inTime } from './parts.js'

/** A trigger opens one view within three seconds; some of them are gone when it arrives. */
const patience = 700

/** What came from Slack with a click; `late` when it was picked up after its process died. */
export type Trigger = { id: string; late: boolean }

export const triggerOf = (id: string, context: { [field: string]: unknown }): Trigger => ({
  id,
  late: context.late === true,
})

/** Opens a form; when its trigger is gone, a button that brings a fresh one is sent instead. */
export async function openForm(parts: FaceParts, trigger: Trigger, form: Form, ways: Ways): Promise<void> {
  const opened = await openView(parts, trigger, formView(form, originOf(ways)))
  if (opened === null) await answer(parts, ways, formTooLate(askedFormOf(form)))
}

/**
 * Opens the form that `make` makes: at once when that is quick, else a page that says so and is replaced. A trigger that
 * waited for somebody else's answer would be gone. For one that is gone already nothing is made: a button is sent.
 */
export async function openWhenReady(
  parts: FaceParts,
  trigger: Trigger,
  asked: AskedForm & { title: string },
  ways: Ways,
  make: () => Promise<Form | Reply>,
): Promise<void> {
  const tooLate = () => answer(parts, ways, formTooLate({ name: asked.name, known: asked.known }))
  if (trigger.late) return tooLate()
  const work = make()
  const quick = await inTime(work, patience, parts.clock)
  if (quick && isForm(quick)) return openForm(parts, trigger, quick, ways)
  if (quick) return answer(parts, ways, drawn(parts, quick))
  const view = await openView(parts, trigger, loadingView(asked.title))
  const made = await work
  if (view === null) return isForm(made) ? tooLate() : answer(parts, ways, drawn(parts, made))
  await parts.web.call('views.update', {
    view_id: view,
    view: isForm(made) ? formView(made, originOf(ways)) : answerView(drawn(parts, made)),
  })
}

/** The id of the opened view, or null when it could not be opened. */
export async function openView(parts: FaceParts, { id, late }: Trigger, view: ModalView): Promise<string | null> {
  if (late) return null
  const opened = await parts.web.call('views.open', { trigger_id: id, view })
  if (!opened.ok) {
    parts.log.warn({ answer: opened, view: view.callback_id }, 'a view could not be opened')
    return null
  }
  const made = opened.data.view
  return typeof made === 'object' && made !== null && 'id' in made ? String(made.id) : ''
}

const isForm = (made: Form | Reply): made is Form => !('kind' in made)

const originOf = ({ channel, thread, responseUrl, known }: Ways): Origin => ({
  ...(channel ? { channel } : {}),
  ...(thread ? { thread } : {}),
  ...(responseUrl ? { responseUrl } : {}),
  ...(known && Object.keys(known).length > 0 ? { known } : {}),
})
