import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import type { LiveUpstream, Table } from './table.js'

/** How long a request that can be asked again waits for an upstream that answers. */
const patience = 2500
const replayable = 64 * 1024

/** Hands one request to an upstream of the table and its answer back; asks another upstream when nothing was done yet. */
export async function forward(table: Table, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked: Asked = { method: request.method ?? 'GET', path: request.url ?? '/', headers: onward(request) }
  const body = await bodyOf(request)
  const giveUp = Date.now() + patience
  const tried = new Set<LiveUpstream>()
  while (!response.destroyed) {
    const upstream = table.take(tried)
    if (upstream !== null) {
      const outcome = await tryOne(table, upstream, asked, body, response)
      if (outcome === 'answered') return
      if (outcome === 'final') return sayNo(response, 502, 'the instance broke off')
      tried.add(upstream)
      continue
    }
    if (Date.now() >= giveUp) return sayNo(response, 503, 'no instance answers')
    tried.clear()
    await pause(50)
  }
}

type Asked = { method: string; path: string; headers: { [name: string]: string | string[] } }

/** `again`: nothing was done upstream, so another one may be asked. `final`: it cannot be told what was done. */
async function tryOne(
  table: Table,
  upstream: LiveUpstream,
  asked: Asked,
  body: Buffer | IncomingMessage | null,
  response: ServerResponse,
): Promise<'answered' | 'again' | 'final'> {
  const began = performance.now()
  const settle = (failed: boolean) => table.settle(upstream, failed, performance.now() - began)
  let answer: Dispatcher.ResponseData
  try {
    answer = await upstream.pool.request({ ...asked, method: asked.method as Dispatcher.HttpMethod, body })
  } catch (error) {
    settle(true)
    const streamed = body !== null && !Buffer.isBuffer(body)
    return !streamed && mayAskAgain(error, asked.method) ? 'again' : 'final'
  }
  response.writeHead(answer.statusCode, withoutHops(answer.headers))
  try {
    await pipeline(answer.body, response)
    settle(answer.statusCode >= 500)
  } catch {
    // Headers are out: all that is left is to break off, which the visitor sees as such.
    settle(!answer.body.readableEnded && !response.closed)
    response.destroy()
  }
  return 'answered'
}

const beforeSending = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED'])
const brokenOff = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])

function mayAskAgain(error: unknown, method: string): boolean {
  const code = (error as { code?: string }).code ?? ''
  if (beforeSending.has(code)) return true
  return brokenOff.has(code) && (method === 'GET' || method === 'HEAD')
}

/** Small bodies are kept, so that they can be sent again; large ones and those of unknown size flow through. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | IncomingMessage | null> {
  const length = request.headers['content-length']
  if (length === undefined && request.headers['transfer-encoding'] === undefined) return null
  if (length === undefined || Number(length) > replayable) return request
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

const hops = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
])

function onward(request: IncomingMessage): { [name: string]: string | string[] } {
  const from = request.socket.remoteAddress ?? ''
  return { ...withoutHops(request.headers), 'x-forwarded-for': from, 'x-forwarded-proto': 'http' }
}

function withoutHops(headers: IncomingHttpHeaders): { [name: string]: string | string[] } {
  const kept: { [name: string]: string | string[] } = {}
  for (const [name, value] of Object.entries(headers)) if (value !== undefined && !hops.has(name)) kept[name] = value
  return kept
}

export function sayNo(response: ServerResponse, status: number, words: string): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': 'text/plain', 'x-proxy-error': words }).end(`${words}\n`)
}
