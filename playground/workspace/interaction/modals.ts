import { shortId } from '../acts/content.js'
import { slackLine, validateView } from '../blocks/validate.js'
import { withIds } from '../elements/elements.js'
import { keptValues } from '../elements/values.js'
import type { Block } from '../protocol.js'
import { refuse, refuseWith } from '../refusal.js'
import type { Json, ViewRow } from '../state/rows.js'
import type { World } from '../world.js'

const LARGEST_VIEW = 250_000
const MOST_IN_STACK = 3

/** A person's open modals, bottom first. */
export function stackOf(world: World, user: string): ViewRow[] {
  const mine = world.state.views.all().filter((view) => view.type === 'modal' && view.user === user)
  return mine.sort((a, b) => a.depth - b.depth)
}

/** A person's Home tab of the app, if it was ever published. */
export function homeOf(world: World, user: string): ViewRow | undefined {
  return world.state.views.all().find((view) => view.type === 'home' && view.user === user)
}

/** Opens a modal; one that was open is gone, as the client shows one stack at a time. */
export function openView(world: World, user: string, given: unknown): ViewRow {
  const fields = viewFields(world, given, 'modal')
  refuseTakenId(world, fields.external_id)
  for (const view of stackOf(world, user)) world.state.views.delete(view.id)
  const id = world.state.ids.next('V')
  return keep(world, { ...fresh(world, user, id), ...fields, depth: 0, root_view_id: id })
}

/** Puts a modal on top of a person's open one. */
export function pushView(world: World, user: string, given: unknown): ViewRow {
  const top = stackOf(world, user).at(-1)
  if (!top) refuse('not_found')
  if (top.depth + 1 >= MOST_IN_STACK) refuse('push_limit_reached')
  const fields = viewFields(world, given, 'modal')
  refuseTakenId(world, fields.external_id)
  const place = { depth: top.depth + 1, root_view_id: top.root_view_id, previous_view_id: top.id }
  return keep(world, { ...fresh(world, user, world.state.ids.next('V')), ...fields, ...place })
}

/** Changes an open view in place; what was typed stays in inputs that are still there. */
export function updateView(world: World, view: ViewRow, given: unknown): ViewRow {
  const fields = viewFields(world, given, view.type)
  if (fields.external_id !== view.external_id) refuseTakenId(world, fields.external_id)
  const values = keptValues(fields.blocks, view.values)
  return keep(world, { ...view, ...fields, values, errors: undefined, hash: newHash(world) })
}

/** Shows a person this as the app's Home tab. */
export function publishHome(world: World, user: string, given: unknown): ViewRow {
  const known = homeOf(world, user)
  if (known) return updateView(world, known, given)
  const id = world.state.ids.next('V')
  return keep(world, { ...fresh(world, user, id), ...viewFields(world, given, 'home'), root_view_id: id })
}

/** Takes views off the screen. */
export function dropViews(world: World, user: string, views: ViewRow[]): void {
  for (const view of views) world.state.views.delete(view.id)
  world.changes.tell([user], { kind: 'modals' })
}

/** Writes a view back and shows it. */
export function keep(world: World, view: ViewRow): ViewRow {
  world.state.views.put(view)
  world.changes.tell([view.user], { kind: view.type === 'home' ? 'home' : 'modals' })
  return view
}

type Fields = Omit<ViewRow, 'id' | 'user' | 'depth' | 'root_view_id' | 'previous_view_id' | 'values' | 'hash'>

function viewFields(world: World, given: unknown, type: ViewRow['type']): Fields {
  const violations = validateView(given)
  if (violations.length > 0) refuseWith('invalid_arguments', violations.map(slackLine))
  if (!given || typeof given !== 'object' || !('type' in given) || given.type !== type) {
    refuseWith('invalid_arguments', [`[ERROR] view type must be ${type} [json-pointer:/view/type]`])
  }
  if (JSON.stringify(given).length > LARGEST_VIEW) refuse('view_too_large')
  const view = given as Json
  const textOf = (field: string) => String(view[field] ?? '')
  return {
    type,
    external_id: textOf('external_id'),
    callback_id: textOf('callback_id'),
    title: (view.title as Json) ?? null,
    submit: (view.submit as Json) ?? null,
    close: (view.close as Json) ?? null,
    blocks: withIds(view.blocks as Block[], shortId(world)),
    private_metadata: textOf('private_metadata'),
    notify_on_close: view.notify_on_close === true,
    clear_on_close: view.clear_on_close === true,
    submit_disabled: view.submit_disabled === true,
  }
}

function fresh(world: World, user: string, id: string) {
  return { id, user, depth: -1, root_view_id: id, previous_view_id: null, values: {}, hash: newHash(world) }
}

function newHash(world: World): string {
  return `${Math.floor(world.clock.now() / 1000)}.${world.state.ids.next('').slice(0, 8)}`
}

function refuseTakenId(world: World, external_id: string): void {
  if (external_id && world.state.views.all().some((view) => view.external_id === external_id)) {
    refuse('duplicate_external_id')
  }
}
