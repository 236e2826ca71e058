import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** Sends what `request` makes again and again until it is acknowledged with 200. */
export async function firstAck(port: number, request: () => Buffer, withinMs = 30_000): Promise<void> {
  const until = performance.now() + withinMs
  while ((await statusOf(port, request())) !== 200) {
    if (performance.now() > until) throw new Error(`nothing was acknowledged on port ${port}`)
    await pause(1)
  }
}

/** 0 when nobody listens, or the connection ends without an answer. */
function statusOf(port: number, request: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(request))
    const end = (status: number) => {
      socket.destroy()
      resolve(status)
    }
    socket.on('data', (chunk) => end(Number(chunk.toString('latin1').slice(9, 12))))
    socket.on('error', () => end(0))
    socket.on('close', () => end(0))
  })
}
