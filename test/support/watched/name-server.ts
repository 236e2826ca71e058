import { createSocket } from 'node:dgram'
import { once } from 'node:events'

/** A name server on loopback that knows some names and nothing else, as RFC 1035 has it. */
export async function nameServer(known: { [name: string]: number[] }) {
  const socket = createSocket('udp4')
  socket.on('message', (query, from) => {
    const labels: string[] = []
    let at = 12
    for (let size = query[at] ?? 0; size > 0; size = query[at] ?? 0) {
      labels.push(query.subarray(at + 1, at + 1 + size).toString())
      at += size + 1
    }
    const question = query.subarray(12, at + 5)
    const address = query.readUInt16BE(at + 1) === 1 ? known[labels.join('.')] : undefined
    const exists = labels.join('.') in known
    const head = Buffer.alloc(12)
    query.copy(head, 0, 0, 2)
    head.writeUInt16BE(exists ? 0x8180 : 0x8183, 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(address ? 1 : 0, 6)
    const record = address ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, ...address]) : Buffer.alloc(0)
    socket.send(Buffer.concat([head, question, record]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return { known, address: `127.0.0.1:${socket.address().port}`, close: () => void socket.close() }
}
