import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { createTcpProxy, type TcpProxy } from './tcp-proxy.js'
import { waitFor } from './wait-for.js'

let proxy: TcpProxy
let server: { heard: string; ends: number }
let stop: () => Promise<void>

beforeEach(async () => {
  // Of this test alone: ends of an earlier one may still come in.
  const seen = { heard: '', ends: 0 }
  server = seen
  const echo = createServer((socket) => {
    socket.on('data', (bytes) => {
      seen.heard += bytes
      socket.write(bytes)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      seen.ends += 1
    })
  })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = await createTcpProxy({ to: { host: '127.0.0.1', port: (echo.address() as AddressInfo).port } })
  stop = async () => {
    await proxy.close()
    echo.close()
    await once(echo, 'close')
  }
})
afterEach(() => stop())

async function dialled(): Promise<{ socket: Socket; said: () => string }> {
  const socket = connect(proxy.port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let said = ''
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    said += bytes
  })
  await once(socket, 'connect')
  return { socket, said: () => said }
}

test('bytes and ends pass in both directions', async () => {
  const { socket, said } = await dialled()
  socket.write('hello')
  await waitFor('the echo', () => said() === 'hello')
  socket.end()
  await once(socket, 'close')
  await waitFor('the server saw the end', () => server.ends === 1)
  await waitFor('nothing stands', () => proxy.open() === 0)
})

test('a cut resets both ends, and the next connection passes', async () => {
  const { socket, said } = await dialled()
  socket.write('a')
  await waitFor('the echo', () => said() === 'a')
  const [error] = await Promise.all([once(socket, 'error'), Promise.resolve(proxy.cut())])
  expect(Object(error[0]).code).toBe('ECONNRESET')
  await waitFor('the server saw it', () => server.ends === 1)
  const next = await dialled()
  next.socket.write('b')
  await waitFor('the echo', () => next.said() === 'b')
})

test('a stalled wire carries nothing and tells nobody, then everything in its order', async () => {
  const { socket, said } = await dialled()
  proxy.stall()
  for (const letter of 'abc') socket.write(letter)
  const late = await dialled()
  late.socket.write('x')
  await pause(100)
  expect(server.heard).toBe('')
  expect(socket.destroyed).toBe(false)
  proxy.resume()
  await waitFor('the echo', () => said() === 'abc' && late.said() === 'x')
})

test('an end that comes while the wire is stalled is not told before it carries again', async () => {
  const { socket } = await dialled()
  socket.write('a')
  await waitFor('it came', () => server.heard === 'a')
  proxy.stall()
  socket.resetAndDestroy()
  await pause(100)
  expect(server.ends).toBe(0)
  proxy.resume()
  await waitFor('the server saw the end', () => server.ends === 1)
})

test('a slow wire carries all of it, later', async () => {
  const { socket, said } = await dialled()
  proxy.delay(60)
  const began = performance.now()
  socket.write('slow')
  await waitFor('the echo', () => said() === 'slow')
  expect(performance.now() - began).toBeGreaterThanOrEqual(110)
})

test('a wire that refuses resets what stands and takes nothing until it is resumed', async () => {
  const { socket } = await dialled()
  const gone = new Promise((done) => socket.once('close', done))
  proxy.refuse()
  await gone
  const refused = connect(proxy.port, '127.0.0.1')
  const [error] = await once(refused, 'error')
  expect(Object(error).code).toBe('ECONNREFUSED')
  proxy.resume()
  const { socket: next, said } = await waitFor('it listens again', () => dialled().catch(() => undefined))
  next.write('back')
  await waitFor('the echo', () => said() === 'back')
})
