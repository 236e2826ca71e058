import type { Clock } from '../clock.js'
import type { AlertSignals } from '../incidents/alerts/ports.js'
import type { IncidentId } from '../incidents/incident.js'
import type { IncidentSignals } from '../incidents/ports.js'
import type { Log } from '../log.js'
import type { RunChanged, Signals, Turn } from '../runs/ports.js'
import type { ConnectionPlan } from './database.js'
import { createSession } from './session.js'

export type StoreSignals = Signals &
  IncidentSignals &
  AlertSignals & {
    onTurn(listener: (turn: Turn) => void): () => void
    /** Somebody changed when a lock held by hand ends. */
    onLocks(listener: () => void): () => void
    close(): Promise<void>
  }

/** LISTEN on a connection of its own, opened again whenever it breaks; what was said meanwhile is missed. */
export async function openSignals(plan: ConnectionPlan, clock: Clock, log: Log): Promise<StoreSignals> {
  const runs = new Set<(changed: RunChanged) => void>()
  const turns = new Set<(turn: Turn) => void>()
  const locks = new Set<() => void>()
  const incidents = new Set<(incident: IncidentId) => void>()
  const alerts = new Set<() => void>()
  const closing = new AbortController()
  const session = createSession({
    plan,
    log,
    onOpen: async (client) => {
      client.on('notification', ({ channel, payload = '' }) => heard(channel, payload))
      await client.query(
        'listen shipmate_run; listen shipmate_turn; listen shipmate_locks; listen shipmate_incident; listen shipmate_alerts',
      )
    },
    onLost: () => void reopen(),
  })

  function heard(channel: string, payload: string): void {
    // What comes second is the epoch of who wrote, and with a turn the run that it comes after.
    const [run = 0, second = 0] = payload.split(' ').map(Number)
    if (channel === 'shipmate_locks') for (const listener of locks) listener()
    else if (channel === 'shipmate_turn') for (const listener of turns) listener({ run, after: second || null })
    else if (channel === 'shipmate_alerts') for (const listener of alerts) listener()
    else if (channel === 'shipmate_incident') for (const listener of incidents) listener(run)
    else for (const listener of runs) listener({ run, epoch: second || null })
  }

  async function reopen(): Promise<void> {
    for (let pause = 50; !closing.signal.aborted; pause = Math.min(pause * 2, 2_000)) {
      try {
        await session.query('select 1')
        return
      } catch {
        await clock.sleep(pause, closing.signal)
      }
    }
  }

  await session.query('select 1')
  return {
    onRun: (listener) => subscribed(runs, listener),
    onTurn: (listener) => subscribed(turns, listener),
    onLocks: (listener) => subscribed(locks, listener),
    onIncident: (listener) => subscribed(incidents, listener),
    onAlerts: (listener) => subscribed(alerts, listener),
    close: () => {
      closing.abort()
      return session.close()
    },
  }
}

function subscribed<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}
