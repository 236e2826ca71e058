import { Refusal } from '../refusal.js'
import type { ChannelRow, Json, PersonRow } from '../state/rows.js'
import type { World } from '../world.js'

/** The fields that open every interaction's payload. */
export function who(world: World, person: PersonRow): Json {
  const { team, app } = world
  return {
    user: { id: person.id, username: person.name, name: person.name, team_id: team.id },
    api_app_id: app.id,
    token: 'playground',
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
  }
}

/** The person who acts; the control API's own "no" when there is none. */
export function personOf(world: World, id: string): PersonRow {
  const person = world.state.people.get(id)
  if (!person || person.kind === 'bot') throw new Refusal(`There is no person ${id} to act as.`)
  return person
}

/** A conversation that this person may open. */
export function channelFor(world: World, person: PersonRow, id: string): ChannelRow {
  const channel = world.state.channels.get(id)
  if (!channel || !maySee(channel, person)) throw new Refusal(`${person.name} sees no conversation ${id}.`)
  return channel
}

/** People see public channels and what they are members of; guests only the latter. */
export function maySee(channel: ChannelRow, person: PersonRow): boolean {
  return channel.members.includes(person.id) || (channel.kind === 'channel' && person.kind === 'member')
}
