import { join } from 'node:path'
import { z } from 'zod'
import { freePort, isFree } from '../hosts/probe.js'
import { loadSaved, save } from '../saved.js'

/** Ports that stay the same between starts: addresses are in routes, in settings, and in people's browser history. */
export function createPorts(dir: string) {
  const file = join(dir, 'ports.json')
  const ports = loadSaved(file, z.record(z.string(), z.number()), {})
  return {
    /** The port of before. When `running` is false and somebody else has it by now, another one. */
    async keep(name: string, running: boolean, wanted = 0): Promise<number> {
      const before = wanted || ports[name]
      const fits = before !== undefined && (running || wanted > 0 || (await isFree(before)))
      const port = fits ? before : await freePort()
      ports[name] = port
      save(file, ports)
      return port
    },
  }
}
export type Ports = ReturnType<typeof createPorts>
