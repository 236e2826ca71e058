import { setTimeout as pause } from 'node:timers/promises'

const LOOK_EVERY_MS = 25

/**
 * Looks again until `look` answers something other than undefined or false, and gives that back. After `withinMs` it
 * throws, naming what was awaited. An error while looking ends the wait.
 */
export async function waitFor<Seen>(
  what: string,
  look: () => Promise<Seen | undefined | false> | Seen | undefined | false,
  withinMs = 10_000,
): Promise<Seen> {
  const until = Date.now() + withinMs
  for (;;) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    if (Date.now() > until) throw new Error(`Waited ${withinMs} ms in vain: ${what}`)
    await pause(LOOK_EVERY_MS)
  }
}
