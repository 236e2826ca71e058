import { tellApp } from '../acts/app-events.js'
import { refuse } from '../refusal.js'
import { groupJson, personJson, profileJson } from '../shapes/person.js'
import type { GroupRow } from '../state/rows.js'
import type { World } from '../world.js'
import type { Args } from './args.js'
import { personArg } from './found.js'
import type { Family } from './method.js'
import { pageOf } from './pages.js'

/** People and user groups. */
export const peopleMethods: Family = {
  'users.info': (world, args) => ({ user: personJson(world, personArg(world, args.text('user'))) }),

  'users.list': (world, args) => {
    const page = pageOf(world.state.people.all(), args, { usual: 1000, most: 1000 })
    const cache_ts = Math.floor(world.clock.now() / 1000)
    const members = page.items.map((row) => personJson(world, row))
    return { members, cache_ts, response_metadata: page.response_metadata }
  },

  'users.lookupByEmail': (world, args) => {
    const email = args.text('email').toLowerCase()
    const person = world.state.people.all().find((row) => row.email === email && !row.deleted)
    return { user: personJson(world, person ?? refuse('users_not_found')) }
  },

  'users.getPresence': (world, args) => {
    personArg(world, args.text('user') || world.app.bot_user_id)
    return { presence: 'active' }
  },

  'users.profile.get': (world, args) => {
    return { profile: profileJson(world, personArg(world, args.text('user') || world.app.bot_user_id)) }
  },

  'usergroups.list': (world, args) => {
    const rows = world.state.groups.all().filter((row) => !row.disabled || args.flag('include_disabled'))
    return { usergroups: rows.map((row) => groupJson(world, row, { users: args.flag('include_users') })) }
  },

  'usergroups.users.list': (world, args) => ({ users: groupArg(world, args).users }),

  'usergroups.create': (world, args) => {
    const handle = args.text('handle') || args.text('name').toLowerCase().replace(/\s+/g, '-')
    const others = world.state.groups.all()
    if (others.some((row) => row.handle === handle)) refuse('handle_already_exists')
    if (others.some((row) => row.name === args.text('name'))) refuse('name_already_exists')
    const created = Math.floor(world.clock.now() / 1000)
    const fields = { id: world.state.ids.next('S'), name: args.text('name'), description: args.text('description') }
    const row = { ...fields, handle, users: [], created, updated: created, disabled: false }
    return { usergroup: groupJson(world, keepGroup(world, row), { users: true }) }
  },

  'usergroups.update': (world, args) => {
    const known = groupArg(world, args)
    const or = (name: 'name' | 'handle' | 'description') => (args.has(name) ? args.text(name) : known[name])
    const row = { ...known, name: or('name'), handle: or('handle'), description: or('description') }
    return { usergroup: groupJson(world, keepGroup(world, row), { users: true }) }
  },

  'usergroups.disable': (world, args) => switched(world, args, true),
  'usergroups.enable': (world, args) => switched(world, args, false),

  'usergroups.users.update': (world, args) => {
    const users = args.list('users')
    if (users.length === 0) refuse('no_users_provided')
    if (users.some((id) => !world.state.people.get(id))) refuse('invalid_users')
    const row = keepGroup(world, { ...groupArg(world, args), users: [...new Set(users)] })
    return { usergroup: groupJson(world, row, { users: true }) }
  },
}

/** Writes a group back, shows it and tells the app. */
export function keepGroup(world: World, row: GroupRow): GroupRow {
  const kept = world.state.groups.put({ ...row, updated: Math.floor(world.clock.now() / 1000) })
  world.changes.tellAll({ kind: 'people' })
  tellApp(world, { type: 'subteam_updated', subteam: groupJson(world, kept, { users: true }) })
  return kept
}

function switched(world: World, args: Args, disabled: boolean) {
  return { usergroup: groupJson(world, keepGroup(world, { ...groupArg(world, args), disabled })) }
}

function groupArg(world: World, args: Args): GroupRow {
  return world.state.groups.get(args.text('usergroup')) ?? refuse('no_such_subteam')
}
