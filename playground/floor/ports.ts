import { join } from 'node:path'
import { z } from 'zod'
import { freePort, isFree } from '../../src/free-port.js'
import { loadSaved, save } from '../saved.js'

/** Ports that stay the same between starts: addresses are in routes, in settings, and in people's browser history. */
export function createPorts(dir: string) {
  const file = join(dir, 'ports.json')
  const ports = loadSaved(file, z.record(z.string(), z.number()), {})
  async function keep(name: string, running: boolean): Promise<number> {
    const before = ports[name]
    ports[name] = before !== undefined && (running || (await isFree(before))) ? before : await freePort()
    save(file, ports)
    return ports[name]
  }

  return {
    /**
     * Starts something on the ports of before, or on free ones. A port may be taken by somebody else at the last moment:
     * then others are tried.
     */
    async bind<T>(names: string[], running: boolean, start: (ports: number[]) => Promise<T>): Promise<T> {
      for (let again = 0; ; again += 1) {
        const chosen: number[] = []
        for (const name of names) chosen.push(await keep(name, running && again === 0))
        try {
          return await start(chosen)
        } catch (error) {
          if (again >= 4 || !isPortTaken(error)) throw error
          for (const name of names) delete ports[name]
        }
      }
    },
  }
}
export type Ports = ReturnType<typeof createPorts>

export const isPortTaken = (error: unknown): boolean => error instanceof Error && error.message.includes('EADDRINUSE')
