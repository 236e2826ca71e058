import { useCallback, useMemo, useState } from 'react'
import type { Block, StateValues } from '../../workspace/protocol.js'
import { useSession } from '../control/session.js'
import { stateValues } from './state-values.js'
import type { Surface } from './surface.js'

/** The surface of a message or view: keeps what is typed until the app redraws it under other ids. */
export function useSurfaceOf(place: Surface['place'], blocks: Block[], options: Options = {}): Surface {
  const { control, run } = useSession()
  const [typed, setTyped] = useState<StateValues>(options.typed ?? {})
  const [pending, setPending] = useState<ReadonlySet<string>>(new Set())
  const write = useCallback<Surface['write']>((block_id, action_id, state) => {
    setTyped((before) => ({ ...before, [block_id]: { ...before[block_id], [action_id]: state } }))
  }, [])
  const act: Surface['act'] = async (block_id, action_id, state) => {
    const key = `${block_id}/${action_id}`
    setPending((before) => new Set(before).add(key))
    const values = stateValues(blocks, state ? withState(typed, block_id, action_id, state) : typed)
    await run(control.click({ action_id, block_id, ...place, state, values }), options.where)
    setPending((before) => new Set([...before].filter((one) => one !== key)))
  }
  const errors = useMemo(() => options.errors ?? {}, [options.errors])
  return { place, typed, errors, write, act, pending }
}

type Options = { typed?: StateValues; errors?: Surface['errors']; where?: { channel: string; thread?: string } }

function withState(
  typed: StateValues,
  block_id: string,
  action_id: string,
  state: { [field: string]: unknown },
): StateValues {
  const before = typed[block_id]?.[action_id]
  return { ...typed, [block_id]: { ...typed[block_id], [action_id]: { type: before?.type ?? '', ...state } } }
}
