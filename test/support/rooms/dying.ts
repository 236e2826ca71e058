import { waitFor } from '../wait-for.js'
import type { RoomWorld } from './room-world.js'

/**
 * One process of this world that tells, and dies right before or after a call: it never comes back from it, so what came
 * after it in that process is not done. Afterwards calls go through again, for the next process.
 */
export async function diesAt(world: RoomWorld, when: 'before' | 'after', method: string): Promise<void> {
  let dead = false
  const die = async (called: string) => {
    if (dead || called === method) {
      dead = true
      await new Promise(() => {})
    }
  }
  world.state[when] = die
  if (when === 'after')
    world.state.before = async () => {
      if (dead) await new Promise(() => {})
    }
  void world.create().round(world.never)
  await waitFor('it died', () => dead)
  await new Promise((passed) => setTimeout(passed, 300))
  world.state.before = async () => {}
  world.state.after = async () => {}
}
