import { findElement } from '../elements/elements.js'
import type { OptionsQuery, OptionsReply } from '../protocol.js'
import { Refusal } from '../refusal.js'
import type { PersonRow } from '../state/rows.js'
import type { World } from '../world.js'
import { placeFields } from './actions.js'
import { notices } from './notices.js'
import { placeOf } from './places.js'
import { who } from './who.js'

const MOST_OPTIONS = 100
const DEFAULT_MIN_QUERY = 3

/** Asks the app what an external select offers for what was typed so far. */
export async function askOptions(world: World, person: PersonRow, query: OptionsQuery): Promise<OptionsReply> {
  const place = placeOf(world, person, query)
  const placed = findElement(place.blocks, query.block_id, query.action_id)
  if (!placed) throw new Refusal(`There is no ${query.action_id} in the block ${query.block_id}.`)
  const { min_query_length } = placed.element
  const fewest = typeof min_query_length === 'number' ? min_query_length : DEFAULT_MIN_QUERY
  if (query.value.length < fewest) return { options: [] }

  const { response_url: _, ...fields } = placeFields(world, person, place, placed)
  const { action_id, block_id, value } = query
  const payload = { type: 'block_suggestion', ...who(world, person), ...fields, action_id, block_id, value }
  const names = ['interactive', 'block_suggestion', action_id]
  const receipt = await world.delivery.send({ kind: 'interactive', payload, answerable: true, names })
  return receipt.outcome === 'acked' ? offered(receipt.body) : { notice: notices.noOptions }
}

function offered(body: unknown): OptionsReply {
  const { options, option_groups } = (body ?? {}) as { options?: unknown; option_groups?: unknown }
  if (fits(options)) return { options }
  if (fits(option_groups)) return { option_groups }
  return { notice: notices.noOptions }
}

function fits(list: unknown): list is unknown[] {
  return Array.isArray(list) && list.length <= MOST_OPTIONS
}
