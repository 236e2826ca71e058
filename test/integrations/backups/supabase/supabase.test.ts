import { createServer, type IncomingMessage, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { EngineContext } from '../../../../src/backups/engine.js'
import {
  createSupabaseEngine,
  type SupabaseEngine,
  supabaseSettings,
} from '../../../../src/integrations/backups/supabase/supabase.js'
import { silentLog } from '../../../../src/log.js'
import { contextFor } from '../../../support/backups/engine-rig.js'

// Supabase cannot run here: this answers as its OpenAPI of May 2026 and its recorded fixtures say, the 400 included.
const project = 'abcdefghijklmnopqrst'
const base = `/v1/projects/${project}`
let server: Server
let engine: SupabaseEngine
let calls: { call: string; body: unknown; token: string | undefined }[]
let statuses: string[]
let held: object
let points: object[]
let refusal: { status: number; message: string } | null

const unix = (text: string) => Date.parse(text) / 1000
const withPitr = {
  region: 'eu-central-1',
  walg_enabled: true,
  pitr_enabled: true,
  backups: [],
  physical_backup_data: {
    earliest_physical_backup_date_unix: unix('2026-11-19T00:00:00Z'),
    latest_physical_backup_date_unix: unix('2026-11-26T11:58:00Z'),
  },
}
const daily = {
  region: 'eu-central-1',
  walg_enabled: true,
  pitr_enabled: false,
  backups: [
    { id: 8, is_physical_backup: true, status: 'COMPLETED', inserted_at: '2026-11-26T03:12:00' },
    { id: 7, is_physical_backup: false, status: 'COMPLETED', inserted_at: '2026-11-25T03:12:00Z' },
    { id: 6, is_physical_backup: true, status: 'FAILED', inserted_at: '2026-11-24T03:12:00Z' },
  ],
  physical_backup_data: {},
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const [status, body] = answer(request, await text(request))
    response.writeHead(status, { 'content-type': 'application/json' }).end(body === null ? '' : JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const settings = supabaseSettings.parse({
    engine: 'supabase',
    project,
    token: 'env:SUPABASE',
    api: `http://127.0.0.1:${port}`,
  })
  engine = await createSupabaseEngine({ database: 'shop', settings, secret: async () => 'sbp_token', log: silentLog })
})

afterAll(async () => new Promise((resolve) => server.close(resolve)))

beforeEach(() => {
  calls = []
  statuses = ['ACTIVE_HEALTHY']
  held = withPitr
  points = []
  refusal = null
})

function answer({ method, url, headers }: IncomingMessage, sent: string): [number, object | null] {
  const call = `${method} ${url?.slice(base.length)}`
  calls.push({ call, body: sent ? JSON.parse(sent) : null, token: headers.authorization })
  if (refusal && method === 'POST') return [refusal.status, { message: refusal.message }]
  if (call === 'GET ')
    return [200, { name: 'shop', ref: project, status: statuses.length > 1 ? statuses.shift() : statuses[0] }]
  if (call === 'GET /database/backups') return [200, held]
  if (call === 'GET /database/backups/restore-point') {
    const now = points.map((point) => ({ ...point }))
    points = points.map((point) => ({ ...point, status: 'AVAILABLE', completed_on: '2026-11-26T12:00:05Z' }))
    return [200, now]
  }
  if (call === 'POST /database/backups/restore-point')
    points.push({ ...JSON.parse(sent), status: 'PENDING', completed_on: null })
  return method === 'POST' ? [201, null] : [404, { message: 'not found' }]
}

/** Waiting takes no time; the clock moves all the same. */
function hurried(): EngineContext {
  let now = Date.parse('2026-11-26T12:00:00Z')
  const clock = {
    now: () => new Date(now),
    sleep: async (ms: number) => {
      now += ms
    },
  }
  return { ...contextFor(), clock }
}
const posts = () => calls.filter(({ call }) => call.startsWith('POST'))

test('it says in sentences what it cannot do, and does none of it', async () => {
  const { able } = engine
  expect(able).toMatchObject({ kinds: [], pointInTime: true, scratch: false, expires: false })
  expect(able.cannot.join(' ')).toMatch(/hourly.*downloaded.*drill.*free project/s)
  await expect(engine.take({ kind: 'full', key: 'k', run: 1 }, hurried())).rejects.toMatchObject({ kind: 'refused' })
  await expect(engine.restore({ point: { kind: 'latest' }, into: '/x' }, hurried())).rejects.toMatchObject({
    kind: 'refused',
  })
  await expect(engine.remove(['8'], hurried())).rejects.toMatchObject({ kind: 'refused' })
  expect(posts()).toEqual([])
})

test('it tells the span of point-in-time recovery, or its daily backups, and never what it was not told', async () => {
  expect((await engine.holding(hurried())).spans).toEqual([
    { from: new Date('2026-11-19T00:00:00Z'), to: new Date('2026-11-26T11:58:00Z') },
  ])
  held = daily
  const { backups, spans } = await engine.holding(hurried())
  expect(spans).toEqual([])
  expect(backups.map(({ label }) => label)).toEqual(['7', '8'])
  expect(backups[1]?.endedAt).toEqual(new Date('2026-11-26T03:12:00Z'))
  expect(backups[1]?.faults).toHaveLength(1)
})

test('nothing was read back, so nothing is sound; what Supabase says failed is told', async () => {
  held = daily
  expect(await engine.verify(null, hurried())).toMatchObject({ files: 0, defects: [{ where: 'backup 6' }] })
})

test('it is ready with backups, and not on a free project or one that is unwell', async () => {
  held = daily
  expect((await engine.ready(hurried())).summary).toBe(
    'shop in eu-central-1: no point-in-time recovery; last daily backup 9 h ago',
  )
  held = { ...daily, backups: [] }
  await expect(engine.ready(hurried())).rejects.toMatchObject({ code: 'supabase-no-backups' })
  statuses = ['PAUSING']
  await expect(engine.ready(hurried())).rejects.toMatchObject({ code: 'supabase-not-healthy', came: 'PAUSING' })
})

test('a restore to a second asks for that second and is over when the project answers again', async () => {
  statuses = ['ACTIVE_HEALTHY', 'RESTORING', 'RESTORING', 'ACTIVE_HEALTHY']
  const { tookMs } = await engine.restoreInPlace({ kind: 'time', at: new Date('2026-11-26T11:00:00.900Z') }, hurried())
  expect(posts()).toEqual([
    {
      call: 'POST /database/backups/restore-pitr',
      body: { recovery_time_target_unix: unix('2026-11-26T11:00:00Z') },
      token: 'Bearer sbp_token',
    },
  ])
  expect(tookMs).toBe(15_000)
})

test('a restore that failed is told as failed', async () => {
  statuses = ['RESTORING', 'RESTORE_FAILED']
  const no = engine.restoreInPlace({ kind: 'latest' }, hurried())
  await expect(no).rejects.toMatchObject({ code: 'supabase-restore-failed', kind: 'failed' })
})

test('what is beyond the span, is no moment, or is a logical backup is not asked for', async () => {
  const at = (text: string) => engine.restoreInPlace({ kind: 'time', at: new Date(text) }, hurried())
  await expect(at('2026-11-26T12:30:00Z')).rejects.toMatchObject({ code: 'restore-point-unknown' })
  await expect(engine.restoreInPlace({ kind: 'lsn', lsn: '0/1' }, hurried())).rejects.toMatchObject({
    code: 'restore-point-unknown',
  })
  held = daily
  await expect(at('2026-11-26T11:00:00Z')).rejects.toMatchObject({ code: 'supabase-no-pitr' })
  await expect(engine.restoreInPlace({ kind: 'backup', label: '7' }, hurried())).rejects.toMatchObject({
    code: 'restore-point-unknown',
  })
  await expect(engine.restoreInPlace({ kind: 'backup', label: '6' }, hurried())).rejects.toMatchObject({
    code: 'backup-unknown',
  })
  expect(posts()).toEqual([])
  statuses = ['RESTORING', 'ACTIVE_HEALTHY']
  await engine.restoreInPlace({ kind: 'backup', label: '8' }, hurried())
  expect(posts()).toMatchObject([{ call: 'POST /database/backups/restore', body: { id: 8 } }])
})

test('a no of Supabase is told in its own words', async () => {
  refusal = { status: 400, message: 'PITR is not enabled for this project.' }
  await expect(engine.restoreInPlace({ kind: 'latest' }, hurried())).rejects.toMatchObject({
    code: 'supabase-no-pitr',
    came: expect.stringContaining('PITR is not enabled'),
  })
  refusal = { status: 402, message: 'upgrade your plan' }
  await expect(engine.restoreInPlace({ kind: 'latest' }, hurried())).rejects.toMatchObject({ code: 'supabase-plan' })
})

test('a restore point is made once, waited for, and can be gone back to', async () => {
  expect(await engine.makePoint('before-482', hurried())).toEqual({
    name: 'before-482',
    state: 'AVAILABLE',
    completedAt: new Date('2026-11-26T12:00:05Z'),
  })
  await engine.makePoint('before-482', hurried())
  expect(posts().map(({ call }) => call)).toEqual(['POST /database/backups/restore-point'])
  statuses = ['RESTORING', 'ACTIVE_HEALTHY']
  await engine.restoreInPlace({ kind: 'name', name: 'before-482' }, hurried())
  expect(posts().at(-1)).toMatchObject({ call: 'POST /database/backups/undo', body: { name: 'before-482' } })
})
