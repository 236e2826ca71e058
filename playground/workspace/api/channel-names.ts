import { refuse } from '../refusal.js'
import type { World } from '../world.js'

const LONGEST_NAME = 80

/** A channel name that Slack takes: small letters, digits, hyphens, underscores; archived channels keep theirs. */
export function checkName(world: World, given: string, own?: string): string {
  const name = given.replace(/^#/, '')
  if (!name) refuse('invalid_name_required')
  if (name.length > LONGEST_NAME) refuse('invalid_name_maxlength')
  if (/^[\p{P}\p{S}]+$/u.test(name)) refuse('invalid_name_punctuation')
  if (name !== name.toLowerCase() || !/^[\p{L}\p{N}_-]+$/u.test(name)) refuse('invalid_name_specials')
  if (world.state.channels.all().some((row) => row.name === name && row.id !== own)) refuse('name_taken')
  return name
}
