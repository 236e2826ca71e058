import { useContext, useEffect, useRef, useState } from 'react'
import { useSession } from '../control/session.js'
import type { AnyElement } from './initial-state.js'
import { type Group, groupsIn } from './option-groups.js'
import { BlockContext, useSurface } from './surface.js'

const settleMs = 250

/** The choices of an external select, asked from the app as the person types. */
export function useExternalOptions(element: AnyElement): {
  groups: Group[]
  note?: string
  search?: (words: string) => void
} {
  const { control, run } = useSession()
  const { place } = useSurface()
  const { block_id } = useContext(BlockContext)
  const [found, setFound] = useState<{ groups: Group[]; note?: string }>({ groups: [] })
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const asked = useRef(0)
  useEffect(() => () => clearTimeout(timer.current), [])
  if (!element.type.endsWith('external_select')) return { groups: [] }
  const least = (element.min_query_length as number | undefined) ?? 3
  const ask = async (value: string, round: number) => {
    const target = 'view_id' in place ? place : { channel: place.channel, message_ts: place.message_ts }
    const reply = await run(control.options({ ...target, block_id, action_id: element.action_id, value }))
    if (round !== asked.current) return
    setFound(reply?.options || reply?.option_groups ? { groups: groupsIn(reply) } : { groups: [], note: 'No matches' })
  }
  const search = (words: string) => {
    clearTimeout(timer.current)
    asked.current += 1
    const round = asked.current
    if (words.length < least) return setFound({ groups: [], note: `Type at least ${least} characters` })
    setFound((before) => ({ ...before, note: 'Searching…' }))
    timer.current = setTimeout(() => void ask(words, round), settleMs)
  }
  return { ...found, note: found.note ?? (least > 0 ? `Type at least ${least} characters` : 'Searching…'), search }
}
