import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiCall } from '../../playground/workspace/protocol.js'
import { startWorkspace } from '../../playground/workspace/server.js'
import { silentLog } from '../../src/log.js'
import type { Claim, RunChange } from '../../src/runs/ports.js'
import { openStore } from '../../src/store/connect.js'
import { claimed, order, plan, step } from '../store/orders.js'
import { createControl } from '../support/control.js'
import { freshDatabase } from '../support/database.js'
import type { OutboxFrontTask } from '../support/outbox-front.js'
import { type StormProcess, startProgram } from '../support/storm-programs.js'
import { createTcpProxy } from '../support/tcp-proxy.js'
import { openWorld } from '../support/world.js'
import type { Seen, Told } from './cards-right.js'

/** Release channels of two environments. */
const channels = { one: 'C0RELEASES', two: 'C0INCIDENTS' }
export type Place = keyof typeof channels

export type Rig = Awaited<ReturnType<typeof openRig>>

/** A workspace behind a wire, a database, and fronts as processes; runs are moved by writing their rows. */
export async function openRig({ hungAfterMs = 60_000, timeoutMs = 2_000 } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-fronts-'))
  const manifestPath = join(dir, 'manifest.yml')
  writeFileSync(
    manifestPath,
    readFileSync('manifest.yml', 'utf8').replace('- channels:read', '- channels:history\n      - channels:read'),
  )
  const workspace = await startWorkspace({ manifestPath })
  const wire = await createTcpProxy({ to: { host: '127.0.0.1', port: workspace.port } })
  const database = await freshDatabase()
  const world = openWorld(database.url)
  await world.query('create table public.spoken (front int not null, at timestamptz not null, method text not null)')
  const store = await openStore({ ownerUrl: database.ownerUrl, log: silentLog })
  const control = createControl(workspace.url)
  const fronts: StormProcess[] = []
  const claims = new Map<number, Claim>()
  const last = new Map<number, { state: string; says: string; posts: string[] }>()

  async function front(): Promise<{ number: number; process: StormProcess }> {
    const number = fronts.length
    const apiUrl = `http://127.0.0.1:${wire.port}/api/`
    const task: OutboxFrontTask = {
      front: number,
      databaseUrl: database.url,
      apiUrl,
      token: workspace.tokens.bot,
      hungAfterMs,
      timeoutMs,
      channels,
    }
    const started = await startProgram('test/support/outbox-front.js', task)
    fronts.push(started)
    return { number, process: started }
  }

  async function write(run: number, change: RunChange): Promise<void> {
    const claim = claims.get(run)
    if (!claim || !(await store.runs.write(claim, change))) throw new Error(`#${run} could not be written`)
  }

  return {
    store,
    world,
    control,
    wire,
    front,
    token: workspace.tokens.bot,
    apiUrl: `${workspace.url}/api/`,
    async begun(place: Place): Promise<number> {
      const intent = { job: 'deploy', service: 'shop', environment: place, input: { version: 'v1' } }
      const { run } = await store.desk.submit(order({ intent }))
      claims.set(run.id, await claimed(store, run.id))
      last.set(run.id, { state: '', says: '', posts: [] })
      await write(run.id, {
        state: 'running',
        plan: { plan: plan([step('look')]), changes: [] },
        startedAt: new Date(),
      })
      return run.id
    },
    /** Something that people act on: told as soon as limits allow. */
    moved: (run: number, state: number) =>
      write(run, { state: 'waiting', reason: { code: `at-${state}`, text: `state ${state}!` } }),
    async said(run: number, text: string): Promise<void> {
      last.get(run)?.posts.push(text)
      await write(run, { posts: [{ key: text, to: { kind: 'thread' }, text }] })
    },
    async ended(run: number, state: number): Promise<void> {
      const says = `state ${state}!`
      Object.assign(last.get(run) ?? {}, { state: 'failed', says })
      await write(run, { ended: { state: 'failed', reason: { code: 'over', text: says }, at: new Date() } })
    },
    /** Nothing is left to tell. */
    async quiet(): Promise<boolean> {
      const stale = await store.telling.staleCards(1)
      const posts = await store.telling.pendingPosts(new Date(Date.now() + 600_000), 1)
      const { boards } = await store.boards.look()
      return stale.length + posts.length + boards.length === 0
    },
    async told(): Promise<Told[]> {
      const { rows } = await world.query<{ run: string; channel: string; ts: string }>(
        'select run, channel, ts from shipmate.cards',
      )
      const cards = new Map(rows.map(({ run, channel, ts }) => [Number(run), { channel, ts }]))
      return [...last].map(([run, told]) => ({ run, ...told, card: cards.get(run) ?? null }))
    },
    async seen(): Promise<Seen[]> {
      const all = await Promise.all(Object.values(channels).map((channel) => messagesIn(control, channel)))
      return all.flat()
    },
    /** Every drawing that the workspace took, in its order. */
    async drawings(): Promise<{ ts: string; words: string }[]> {
      const calls = (await control.calls('chat.update')).filter(({ ok }) => ok)
      return calls.map(({ args }: ApiCall) => ({ ts: String(args.ts), words: JSON.stringify(args.blocks) }))
    },
    async spoken(number: number, since: Date): Promise<number> {
      const { rowCount } = await world.query('select from public.spoken where front = $1 and at > $2', [number, since])
      return rowCount ?? 0
    },
    async close(): Promise<void> {
      for (const one of fronts) one.signal('SIGCONT')
      await Promise.all(fronts.map((one) => one.kill()))
      await store.close()
      await world.end()
      await database.drop()
      await wire.close()
      await workspace.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

type Row = { ts: string; text: string; bot_id?: string; thread_ts?: string; blocks?: unknown[]; reply_count?: number }

async function messagesIn(control: ReturnType<typeof createControl>, channel: string): Promise<Seen[]> {
  const at = `/as/U0RITA/channels/${channel}`
  const { messages } = await control.get<{ messages: Row[] }>(`${at}/messages?limit=1000`)
  const ours = messages.filter(({ bot_id }) => bot_id)
  const threads = await Promise.all(ours.map(({ ts }) => control.get<Row[]>(`${at}/threads/${ts}`)))
  const seen = (row: Row, thread: string | null): Seen => {
    return { channel, ts: row.ts, thread, text: row.text, blocks: row.blocks ?? [] }
  }
  return ours.flatMap((row, index) => [
    seen(row, null),
    ...(threads[index] ?? []).slice(1).map((reply) => seen(reply, row.ts)),
  ])
}
