import { homeOf, openView, publishHome, pushView, stackOf, updateView } from '../interaction/modals.js'
import { refuse, refuseWith } from '../refusal.js'
import { viewJson } from '../shapes/view.js'
import type { ViewRow } from '../state/rows.js'
import type { World } from '../world.js'
import type { Args } from './args.js'
import type { Family } from './method.js'

export const viewMethods: Family = {
  'views.open': (world, args) => {
    const trigger = useTrigger(world, args)
    return { view: viewJson(world, openView(world, trigger.user, args.json('view'))) }
  },

  'views.push': (world, args) => {
    const trigger = useTrigger(world, args)
    if (!stackOf(world, trigger.user).some((view) => view.id === trigger.view_id)) refuse('not_found')
    return { view: viewJson(world, pushView(world, trigger.user, args.json('view'))) }
  },

  'views.update': (world, args) => {
    const view = world.state.views.all().find((one) => isNamed(one, args)) ?? refuse('not_found')
    checkHash(view, args)
    return { view: viewJson(world, updateView(world, view, args.json('view'))) }
  },

  'views.publish': (world, args) => {
    if (!world.app.homeTab) refuse('not_enabled')
    const user = args.text('user_id')
    if (!world.state.people.get(user)) refuse('invalid_arguments', noPerson)
    const known = homeOf(world, user)
    if (known) checkHash(known, args)
    return { view: viewJson(world, publishHome(world, user, args.json('view'))) }
  },
}

const noPerson = { response_metadata: { messages: ['[ERROR] invalid user_id [json-pointer:/user_id]'] } }

function useTrigger(world: World, args: Args) {
  const id = args.text('trigger_id') || args.text('interactivity_pointer')
  if (!id) refuseWith('invalid_arguments', ['[ERROR] missing required field: trigger_id [json-pointer:/trigger_id]'])
  const trigger = world.triggers.use(id)
  return typeof trigger === 'string' ? refuse(trigger) : trigger
}

function isNamed(view: ViewRow, args: Args): boolean {
  if (args.has('view_id')) return view.id === args.text('view_id')
  return args.has('external_id') && view.external_id === args.text('external_id')
}

function checkHash(view: ViewRow, args: Args): void {
  if (args.has('hash') && args.text('hash') !== view.hash) refuse('hash_conflict')
}
