import type { ModalView } from '@slack/types'
import type { Form, Reply } from '../../commands/reply.js'
import { replyMessage } from '../replies.js'
import { formView } from '../views/form-view.js'
import type { Origin } from '../views/origin.js'
import { answerView, loadingView } from '../views/pages.js'
import { answer, drawn, type Ways } from './answers.js'
import { type FaceParts, inTime } from './parts.js'

/** A trigger opens one view within three seconds; some of them are gone when it arrives. */
const patience = 700

/** Opens a form; when its trigger is gone, a button that brings a fresh one is sent instead. */
export async function openForm(parts: FaceParts, trigger: string, form: Form, ways: Ways): Promise<void> {
  const opened = await openView(parts, trigger, formView(form, originOf(ways)))
  if (opened === null)
    await answer(
      parts,
      ways,
      replyMessage({ kind: 'form', form }, { now: parts.clock.now(), channelOf: parts.channelOf }),
    )
}

/**
 * Opens what `work` makes: at once when that is quick, else a page that says so and is replaced. A trigger that waited
 * for somebody else's answer would be gone.
 */
export async function openWhenReady(
  parts: FaceParts,
  trigger: string,
  title: string,
  ways: Ways,
  work: Promise<Form | Reply>,
): Promise<void> {
  const quick = await inTime(work, patience, parts.clock)
  if (quick && isForm(quick)) return openForm(parts, trigger, quick, ways)
  if (quick) return answer(parts, ways, drawn(parts, quick))
  const view = await openView(parts, trigger, loadingView(title))
  const late = await work
  if (view === null) return answer(parts, ways, drawn(parts, isForm(late) ? { kind: 'form', form: late } : late))
  await parts.web.call('views.update', {
    view_id: view,
    view: isForm(late) ? formView(late, originOf(ways)) : answerView(drawn(parts, late)),
  })
}

/** The id of the opened view, or null when it could not be opened. */
export async function openView(parts: FaceParts, trigger: string, view: ModalView): Promise<string | null> {
  const opened = await parts.web.call('views.open', { trigger_id: trigger, view })
  if (!opened.ok) {
    parts.log.warn({ answer: opened, view: view.callback_id }, 'a view could not be opened')
    return null
  }
  const made = opened.data.view
  return typeof made === 'object' && made !== null && 'id' in made ? String(made.id) : ''
}

const isForm = (made: Form | Reply): made is Form => !('kind' in made)

const originOf = ({ channel, thread, responseUrl }: Ways): Origin => ({
  ...(channel ? { channel } : {}),
  ...(thread ? { thread } : {}),
  ...(responseUrl ? { responseUrl } : {}),
})
