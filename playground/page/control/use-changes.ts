import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useState } from 'react'
import type { Change } from '../../workspace/protocol.js'
import type { Control } from './control.js'
import { fetchAgain, refresh } from './queries.js'

/** Follows the person's event stream. Answers whether it is connected. */
export function useChanges(control: Control, notice: (text: string) => void): boolean {
  const queries = useQueryClient()
  const [connected, setConnected] = useState(true)
  const take = useEffectEvent((change: Change) => {
    if (change.kind === 'notice') notice(change.text)
    else refresh(queries, control.user, change)
  })
  useEffect(() => {
    const stream = new EventSource(control.eventsUrl)
    stream.onmessage = (event) => take(JSON.parse(event.data) as Change)
    stream.onopen = () => {
      setConnected(true)
      // What happened before the stream was there, or while it was down, was told to nobody.
      void fetchAgain(queries)
    }
    stream.onerror = () => setConnected(false)
    return () => stream.close()
  }, [control, queries])
  return connected
}
