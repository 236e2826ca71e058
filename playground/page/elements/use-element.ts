import type { ConfirmationDialog } from '@slack/types'
import { useContext } from 'react'
import type { ElementState } from '../../workspace/protocol.js'
import { useConfirm } from '../overlays/confirm.js'
import { type AnyElement, initialState } from './initial-state.js'
import { BlockContext, useSurface } from './surface.js'

/** What an element shows and how it tells what a person did with it. */
export function useElement<State extends object>(element: object) {
  const known = element as AnyElement
  const { block_id, dispatches, ...block } = useContext(BlockContext)
  const surface = useSurface()
  const confirm = useConfirm()
  const { action_id } = known
  const state = surface.typed[block_id]?.[action_id] ?? initialState(known) ?? { type: known.type }
  const asked = async () => !known.confirm || confirm(known.confirm as ConfirmationDialog)
  const write = (next: Partial<State>) =>
    surface.write(block_id, action_id, { ...next, type: known.type } as ElementState)
  return {
    ...block,
    dispatches,
    state: state as unknown as State,
    busy: surface.pending.has(`${block_id}/${action_id}`),
    /** Holds the state without telling the app. */
    write,
    /** Tells the app, with the state the element then holds. */
    act: async (next?: Partial<State>) => {
      if (await asked()) await surface.act(block_id, action_id, next)
    },
    /** Holds the state, and tells the app where the block asks for that. */
    choose: async (next: Partial<State>) => {
      if (dispatches && !(await asked())) return
      write(next)
      if (dispatches) await surface.act(block_id, action_id, next)
    },
  }
}
