import { createContext, useContext } from 'react'
import type { ElementState, StateValues } from '../../workspace/protocol.js'

/** What the blocks of one message or view share: the typed state, and the way to tell the app of a click. */
export type Surface = {
  place: { channel: string; message_ts: string } | { view_id: string }
  typed: StateValues
  errors: { [block_id: string]: string }
  write: (block_id: string, action_id: string, state: ElementState) => void
  /** Tells the app; answers when the workspace has replied. */
  act: (block_id: string, action_id: string, state?: { [field: string]: unknown }) => Promise<void>
  /** `block_id/action_id` of what waits for a reply. */
  pending: ReadonlySet<string>
}

export const SurfaceContext = createContext<Surface | null>(null)

export function useSurface(): Surface {
  const surface = useContext(SurfaceContext)
  if (!surface) throw new Error('Blocks are drawn outside of a message or view')
  return surface
}

/** The block around an element. An input block tells the app of a change only when it asks for that. */
export type BlockPlace = {
  block_id: string
  dispatches: boolean
  labelId?: string
  describedBy?: string
  invalid?: boolean
}

export const BlockContext = createContext<BlockPlace>({ block_id: '', dispatches: true })
