import type { KnownBlock, ModalView } from '@slack/types'
import type { RunView } from '../../runs/run.js'
import { type Message, plain, section } from '../blocks.js'
import { detailBlocks } from '../cards/details.js'

/** A run's details for one reader. */
export const detailsView = (view: RunView, now: Date): ModalView => page(`Run #${view.run.id}`, detailBlocks(view, now))

/** An answer that has to be read before the form behind it is mended. */
export const answerView = (answer: Message): ModalView => page('Not done', answer.blocks)

/** Stands in while the real view is made: a trigger is good for three seconds only. */
export const loadingView = (title: string): ModalView =>
  page(title, [{ type: 'section', text: { type: 'mrkdwn', text: 'One moment …' } }])

function page(title: string, blocks: KnownBlock[]): ModalView {
  const shown = blocks.length > 0 ? blocks : [section('There is nothing to show.')].filter((block) => block !== null)
  return {
    type: 'modal',
    callback_id: 'page',
    title: plain(title, 24),
    close: plain('Close', 24),
    blocks: shown.slice(0, 100),
  }
}
