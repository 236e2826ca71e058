import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/**
 * A door before s3rver for clients that sign each part of what they send, as restic does over plain HTTP: s3rver would keep
 * the signatures among the bytes. They are taken out here; everything else goes through as it comes.
 */
export async function signedChunksDoor(port: number): Promise<{ port: number; close(): Promise<void> }> {
  const door: Server = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming)
    const signed = String(incoming.headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-')
    const plain = signed ? withoutSignatures(body) : body
    const headers = { ...incoming.headers, 'content-length': String(plain.length) }
    const { method, url: path } = incoming
    const asked = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    asked.on('error', () => outgoing.destroy())
    asked.end(plain)
  })
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  return {
    port: (door.address() as AddressInfo).port,
    async close() {
      door.closeAllConnections()
      await new Promise((resolve) => door.close(resolve))
    },
  }
}

/** "<size in hex>;chunk-signature=…\r\n<bytes>\r\n", the last one of size 0. */
function withoutSignatures(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.subarray(at, end).toString('latin1'), 16)
    if (!(size > 0)) break
    parts.push(body.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
  return Buffer.concat(parts)
}
