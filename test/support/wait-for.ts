import { setTimeout as pause } from 'node:timers/promises'

/** Often at first; what takes long is looked at less often, because looking takes time from what is awaited. */
const pauseAfter = (waitedMs: number) => Math.min(100, 25 + waitedMs / 20)

/**
 * Looks again until `look` answers something other than undefined or false, and gives that back. After `withinMs` it
 * throws, naming what was awaited. An error while looking ends the wait.
 */
export async function waitFor<Seen>(
  what: string,
  look: () => Promise<Seen | undefined | false> | Seen | undefined | false,
  withinMs = 30_000,
): Promise<Seen> {
  const began = Date.now()
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    const waitedMs = Date.now() - began
    if (waitedMs > withinMs) throw new Error(`Waited ${withinMs} ms in vain: ${what}`)
    await pause(pauseAfter(waitedMs))
  }
}
