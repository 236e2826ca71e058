import type { Block, ElementState, StateValues } from '../../workspace/protocol.js'
import { type AnyElement, initialState } from './initial-state.js'

/** The state of every input of these blocks as Slack sends it: what was typed, else what the element began with. */
export function stateValues(blocks: Block[], typed: StateValues): StateValues {
  const values: StateValues = {}
  for (const [index, block] of blocks.entries()) {
    const block_id = blockId(block, index)
    for (const element of elementsOf(block)) {
      const state = typed[block_id]?.[element.action_id] ?? initialState(element)
      if (state)
        values[block_id] = {
          ...values[block_id],
          [element.action_id]: { ...state, type: element.type } as ElementState,
        }
    }
  }
  return values
}

/** Slack names each block; one drawn before it was stored goes by its place. */
export function blockId(block: Block, index: number): string {
  return block.block_id || `block-${index}`
}

function elementsOf(block: Block): AnyElement[] {
  const found = [block.element, block.accessory, ...(Array.isArray(block.elements) ? block.elements : [])]
  return found.filter(isElement)
}

function isElement(value: unknown): value is AnyElement {
  return typeof value === 'object' && value !== null && 'action_id' in value && 'type' in value
}
