import { type Check, list, type Place, type Surface } from './check.js'
import { block } from './kinds.js'
import { limits } from './limits.js'
import { type MessageInput, message } from './message.js'
import { suggestions } from './objects.js'
import { checkTogether } from './payload.js'
import { view } from './view.js'
import { slackLine, type Violation } from './violation.js'

export { type MessageInput, slackLine, type Surface, type Violation }

/** Every rule of Block Kit that `blocks` breaks on that surface; pointers start at `/blocks`. */
export function validateBlocks(blocks: unknown, surface: Surface): Violation[] {
  return found((place) => blocksOn(blocks, place), surface, '/blocks')
}

/** Every rule that a modal or Home view breaks; pointers start at `/view`. */
export function validateView(given: unknown): Violation[] {
  const home = typeof given === 'object' && given !== null && 'type' in given && given.type === 'home'
  return found((place) => view(blocksOn)(given, place), home ? 'home' : 'modal', '/view')
}

/** Every rule that a message breaks; pointers start at `/text`, `/blocks`, `/attachments` or `/metadata`. */
export function validateMessage(input: MessageInput): Violation[] {
  return found((place) => message(input, blocksOn, place), 'message', '')
}

/** Every rule that an app's answer to `block_suggestion` breaks; pointers start at `/options` or `/option_groups`. */
export function validateOptions(answer: unknown): Violation[] {
  return found((place) => suggestions(answer, place), 'message', '')
}

const blocksOn: Check = (value, place) => {
  list(block(), limits.blocks[place.surface], 0)(value, place)
  if (Array.isArray(value)) checkTogether(value, place)
}

function found(check: (place: Place) => void, surface: Surface, pointer: string): Violation[] {
  const violations: Violation[] = []
  check({ pointer, surface, found: violations })
  return violations
}
