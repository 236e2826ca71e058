import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { createLimits } from '../../../playground/workspace/limits.js'
import { systemClock } from '../../../src/clock.js'
import { silentLog } from '../../../src/log.js'
import { createOutbox } from '../../../src/slack/outbox.js'
import { createSlackWeb } from '../../../src/slack/web.js'
import { fakeRows } from '../../support/outbox-rows.js'
import { percentile } from './figures.js'
import { storm, viewAt } from './storm.js'

const clickEvery = 40

/**
 * What a person waits for a window while that many deploys are told, ms, 99 of 100: in real time, over real HTTP, with
 * the client and the process that also draw the cards.
 */
export async function viewsOpenInStorm(runs: number, ms: number): Promise<number> {
  const workspace = await startWorkspace()
  const web = createSlackWeb({ token: 'xoxb-bench', apiUrl: workspace.url, log: silentLog })
  const rows = fakeRows(systemClock)
  const stop = new AbortController()
  const outbox = createOutbox({
    telling: rows.telling,
    boards: rows.boards,
    desk: { view: async (run) => rows.runs.get(run)?.view ?? null, list: async () => [] },
    signals: rows.signals,
    leadership: {
      lead: async () => ({ lost: new AbortController().signal, holds: () => true, release: async () => {} }),
    },
    web,
    channelOf: () => 'C0PROD',
    groupIds: async () => null,
    clock: systemClock,
    log: silentLog,
  })
  const telling = outbox.run(stop.signal)
  const weather = rage(runs, rows, stop.signal)
  const waits: number[] = []
  const clicks: Promise<void>[] = []
  for (let gone = 0; gone < ms; gone += clickEvery) {
    clicks.push(click(web, waits))
    await pause(clickEvery)
  }
  await Promise.all(clicks)
  stop.abort()
  await Promise.all([telling, weather])
  workspace.close()
  return percentile(waits, 0.99)
}

async function click(web: ReturnType<typeof createSlackWeb>, waits: number[]): Promise<void> {
  const began = performance.now()
  const answer = await web.call('views.open', { trigger_id: 'x', view: { type: 'modal', blocks: [] } })
  waits.push(answer.ok ? performance.now() - began : Number.POSITIVE_INFINITY)
}

/** Every run changes about every nine seconds, as in the storms on the virtual clock. */
async function rage(runs: number, rows: ReturnType<typeof fakeRows>, stop: AbortSignal): Promise<void> {
  const all = storm(runs, 1).map((run) => ({ run, change: 0 }))
  const startedAt = systemClock.now()
  for (const one of all) rows.change(viewAt(one.run, ++one.change, startedAt, startedAt))
  for (let turn = 0; !stop.aborted; turn++) {
    const one = all[(turn * 7919) % all.length]
    if (one && one.change < 19) rows.change(viewAt(one.run, ++one.change, startedAt, systemClock.now()))
    await systemClock.sleep(9_000 / runs, stop)
  }
}

/** Slack's edge: limits, an answer after as long as a near data centre takes, nothing else. */
async function startWorkspace(): Promise<{ url: string; close(): void }> {
  const limits = createLimits()
  let posted = 0
  const server = createServer(async (request, response) => {
    const method = (request.url ?? '').split('/').at(-1) ?? ''
    const args = new URLSearchParams(await bodyOf(request))
    await pause(30)
    // Clicks come far more often than people's, to have enough of them; they are not counted.
    const counted = method.startsWith('chat.')
    const taken = counted
      ? limits.take(method, 'T1', args.get('channel') ?? undefined, Date.now())
      : { ok: true as const }
    response.setHeader('content-type', 'application/json')
    if (!taken.ok) response.writeHead(429, { 'retry-after': String(taken.retryAfterS) })
    const ts = args.get('ts') ?? `1700000000.${String(++posted).padStart(6, '0')}`
    response.end(JSON.stringify(taken.ok ? { ok: true, channel: 'C0PROD', ts, view: { id: 'V1' } } : { ok: false }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/api/`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
