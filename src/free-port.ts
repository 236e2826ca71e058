import { createServer } from 'node:net'

/** Below it systems take the ports of outgoing connections: Linux from 32768, macOS and Windows from 49152. */
const [lowest, highest] = [20_000, 32_767]
const tries = 50

/**
 * A port on loopback that nobody listens on: `wanted` if it is free. It is one that no outgoing connection is given, so
 * that whoever comes back to it later, after a restart, hardly ever finds it taken.
 */
export async function freePort(wanted = 0): Promise<number> {
  const picked = () => lowest + Math.floor(Math.random() * (highest - lowest + 1))
  for (const port of [...(wanted ? [wanted] : []), ...Array.from({ length: tries }, picked)])
    if (await isFree(port)) return port
  return bound(0)
}

/** Whether nobody listens on that port of loopback. */
export function isFree(port: number): Promise<boolean> {
  return bound(port).then(
    () => true,
    () => false,
  )
}

function bound(port: number): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
