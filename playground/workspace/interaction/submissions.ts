import { elementsIn } from '../elements/elements.js'
import { inputErrors } from '../elements/input-errors.js'
import { heldValue, mergedValues, stateValues } from '../elements/values.js'
import type { Reply, StateValues, SubmitReply } from '../protocol.js'
import { Refusal } from '../refusal.js'
import { viewJson } from '../shapes/view.js'
import type { Json, PersonRow, ViewRow } from '../state/rows.js'
import type { World } from '../world.js'
import { dropViews, keep, pushView, stackOf, updateView } from './modals.js'
import { notices } from './notices.js'
import { who } from './who.js'

const trouble: SubmitReply = { ok: false, result: 'trouble', notice: notices.trouble }

/** Presses a modal's submit button: first Slack's own checks, then the app's answer. */
export async function submit(world: World, person: PersonRow, view_id: string, typed: StateValues) {
  const open = topModal(world, person, view_id)
  const values = mergedValues(open.values, typed)
  const errors = inputErrors(open.blocks, stateValues(open.blocks, values))
  const view = keep(world, { ...open, values, errors: isEmpty(errors) ? undefined : errors })
  if (!isEmpty(errors)) return { ok: false, result: 'errors', errors } satisfies SubmitReply

  const payload = {
    type: 'view_submission',
    ...who(world, person),
    trigger_id: world.triggers.create(person.id, view.id),
    view: viewJson(world, view),
    response_urls: responseUrls(world, person, view),
  }
  const names = ['interactive', 'view_submission', view.callback_id]
  const receipt = await world.delivery.send({ kind: 'interactive', payload, answerable: true, names })
  if (receipt.outcome !== 'acked') return trouble
  return obey(world, person, view.id, receipt.body)
}

/** Closes a modal by its cancel button or ×; `all` closes every one. The app hears of it where it asked to. */
export async function close(world: World, person: PersonRow, view_id: string, all: boolean): Promise<Reply> {
  const view = topModal(world, person, view_id)
  const stack = stackOf(world, person.id)
  const cleared = all || view.clear_on_close
  dropViews(world, person.id, cleared ? stack : [view])
  const told = cleared ? (stack[0] ?? view) : view
  if (!told.notify_on_close) return { ok: true }
  const payload = { type: 'view_closed', ...who(world, person), view: viewJson(world, told), is_cleared: cleared }
  const names = ['interactive', 'view_closed', told.callback_id]
  await world.delivery.send({ kind: 'interactive', payload, answerable: false, names })
  return { ok: true }
}

function topModal(world: World, person: PersonRow, view_id: string): ViewRow {
  const top = stackOf(world, person.id).at(-1)
  if (!top) throw new Refusal(`${person.name} has no modal open.`)
  if (top.id !== view_id) throw new Refusal(`The modal on top is ${top.id}, not ${view_id}.`)
  return top
}

// Whatever is not one of the four known answers shows the person Slack's "trouble" line and leaves the modal open.
function obey(world: World, person: PersonRow, view_id: string, body: unknown): SubmitReply {
  const view = world.state.views.get(view_id)
  if (!view) return { ok: true, result: 'closed' }
  if (isEmpty(body)) {
    dropViews(world, person.id, [view])
    return { ok: true, result: 'closed' }
  }
  try {
    return obeyAction(world, view, body as { response_action?: string; view?: unknown; errors?: unknown })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return trouble
  }
}

function obeyAction(
  world: World,
  view: ViewRow,
  answer: { response_action?: string; view?: unknown; errors?: unknown },
) {
  switch (answer.response_action) {
    case 'clear':
      dropViews(world, view.user, stackOf(world, view.user))
      return { ok: true, result: 'cleared' } satisfies SubmitReply
    case 'update':
      updateView(world, view, answer.view)
      return { ok: true, result: 'updated' } satisfies SubmitReply
    case 'push':
      pushView(world, view.user, answer.view)
      return { ok: true, result: 'pushed' } satisfies SubmitReply
    case 'errors':
      return showErrors(world, view, answer.errors)
    default:
      return trouble
  }
}

function showErrors(world: World, view: ViewRow, errors: unknown): SubmitReply {
  if (!isErrors(errors)) return trouble
  const inputs = new Set(view.blocks.filter((block) => block.type === 'input').map((block) => block.block_id))
  if (!Object.keys(errors).every((block_id) => inputs.has(block_id))) return trouble
  keep(world, { ...view, errors })
  return { ok: true, result: 'errors', errors }
}

function isErrors(value: unknown): value is { [block_id: string]: string } {
  if (!value || typeof value !== 'object' || isEmpty(value)) return false
  return Object.values(value).every((text) => typeof text === 'string' && text.length > 0)
}

function responseUrls(world: World, person: PersonRow, view: ViewRow): Json[] {
  return elementsIn(view.blocks).flatMap(({ block, element }) => {
    if (element.response_url_enabled !== true) return []
    const channel_id = heldValue(element, stateValues(view.blocks, view.values), block.block_id)
    if (typeof channel_id !== 'string') return []
    const response_url = world.responseUrls.create({ channel: channel_id, user: person.id })
    return [{ block_id: block.block_id, action_id: element.action_id, channel_id, response_url }]
  })
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
