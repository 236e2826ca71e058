import type { IncomingMessage } from 'node:http'

/** Ample: the largest payloads, of windows, stay below half of it. */
export const bodyLimit = 1024 * 1024

/** All bytes as they came; 'too large' as soon as that is certain, 'cut off' when the sender went away. */
export function readBody(request: IncomingMessage, limit = bodyLimit): Promise<Buffer | 'too large' | 'cut off'> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve('too large')
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limit) resolve('too large')
      else chunks.push(chunk)
    })
    request.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    request.on('close', () => resolve('cut off'))
  })
}
