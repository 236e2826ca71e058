import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { compiled } from '../../playground/floor/compiled.js'
import { identify } from '../../playground/processes.js'
import { openPlayground, type Playground } from '../../playground/start.js'
import { welcome } from '../../playground/welcome.js'
import { silentLog } from '../../src/log.js'
import { createPerson } from '../support/person.js'
import { waitFor } from '../support/wait-for.js'

let dir: string
let playground: Playground
beforeAll(async () => {
  dir = ownFolder()
  playground = await openPlayground({ dir, port: 0, log: silentLog })
})
afterAll(async () => {
  await playground?.close()
  rmSync(dir, { recursive: true, force: true })
})

/** Open to the database's own user, as people's folders are. */
function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'shipmate-playground-'))
  chmodSync(folder, 0o755)
  return folder
}

const processes = () => {
  const of = (file: string): number[] =>
    Object.values(
      JSON.parse(readFileSync(join(dir, file), 'utf8')) as { [name: string]: { process: { pid: number } } },
    ).map((part) => part.process.pid)
  return [...of('playground.json'), ...of('floor/playground.json')]
}
const token = () => readFileSync(playground.env.SHOP_TOKEN_FILE ?? '', 'utf8').trim()
const ask = async (url: string) =>
  (await fetch(url, { headers: { authorization: `Bearer ${token()}` } })).json() as Promise<Record<string, unknown>>

test('the shop is open at its first version, in both environments', async () => {
  const { SHOP_PROXY: shop, SHOP_PROXY_ADMIN: admin } = playground.env
  expect(await (await fetch(`${shop}/`)).text()).toContain('storefront <b>v1.7.3</b>')
  for (const [environment, count] of [
    ['prod', 2],
    ['staging', 1],
  ] as const) {
    const { upstreams } = await ask(`${admin}/routes/storefront-${environment}`)
    expect((upstreams as { version: string }[]).map(({ version }) => version)).toEqual(Array(count).fill('v1.7.3'))
  }
})

test('the workspace answers as Slack does, for the tokens that Shipmate is given', async () => {
  const { SLACK_API_URL: api, SLACK_BOT_TOKEN: bot } = playground.env
  const answer = await fetch(`${api}auth.test`, { method: 'POST', headers: { authorization: `Bearer ${bot}` } })
  expect(await answer.json()).toMatchObject({ ok: true })
})

test('a newcomer is told in #general what to try, and finds the shop in #releases', async () => {
  const { workspaceUrl, env } = playground
  await welcome(workspaceUrl, env.SHOP_PROXY ?? '')
  const rita = createPerson(workspaceUrl, 'U0RITA')
  const greetings = (await rita.messages('general')).map(({ text }) => text)
  expect(greetings).toHaveLength(1)
  expect(greetings[0]).toContain('/deploy prod')
  const { bookmarks } = await rita.channel('releases')
  expect(bookmarks).toMatchObject([{ title: 'The shop', link: env.SHOP_PROXY }])
})

test('everything the operator’s file refers to is given', () => {
  const names = [...readFileSync(playground.configPath, 'utf8').matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? '')
  expect(names.length).toBeGreaterThan(3)
  for (const name of names) expect(playground.env[name]).toBeTruthy()
  const hosts = [...readFileSync(playground.configPath, 'utf8').matchAll(/- name: (\w+)\n +url:/g)].map(
    (match) => match[1],
  )
  expect(hosts).toEqual(['alpha', 'beta'])
})

test('visitors come by themselves', async () => {
  await waitFor('visits', async () => Number((await ask(`${playground.env.SHOP_VISITORS}/counts`)).requests) > 10)
  expect(await ask(`${playground.env.SHOP_VISITORS}/counts`)).toMatchObject({ failed: 0 })
})

test('the shop’s database archives its WAL', async () => {
  const client = new pg.Client({ connectionString: playground.env.SHOP_DATABASE_URL })
  await client.connect()
  await client.query(`select pg_logical_emit_message(false, 'test', 'x')`)
  const { rows } = await client.query('select pg_walfile_name(pg_switch_wal()) as name')
  await client.end()
  await waitFor('the segment', () => existsSync(join(playground.env.SHOP_WAL_ARCHIVE ?? '', rows[0].name)), 20_000)
})

test('two openings at once, after the one who opened it died, find all of it and start nothing', async () => {
  const before = processes()
  const opened = await Promise.all([openElsewhere(), openElsewhere()])
  expect(processes()).toEqual(before)
  for (const { env, workspaceUrl } of opened)
    expect({ env, workspaceUrl }).toEqual({ env: playground.env, workspaceUrl: playground.workspaceUrl })
})

test('a part that died is started again, and the rest stays', async () => {
  const visitors = JSON.parse(readFileSync(join(dir, 'floor/playground.json'), 'utf8')).visitors.process.pid as number
  const before = processes()
  process.kill(visitors, 'SIGKILL')
  playground = await openPlayground({ dir, port: 0, log: silentLog })
  expect(processes().filter((pid) => !before.includes(pid))).toHaveLength(1)
})

test('closing stops every process, and opening again brings back what served', async () => {
  const before = processes()
  await playground.close()
  expect(before.filter((pid) => identify(pid) !== null)).toEqual([])
  expect(readdirSync(join(dir, 'shop-database', 'data'))).not.toContain('postmaster.pid')
  playground = await openPlayground({ dir, port: 0, log: silentLog })
  expect(await (await fetch(`${playground.env.SHOP_PROXY}/`)).text()).toContain('storefront <b>v1.7.3</b>')
})

test('an opening that fails says why, and leaves nothing running', async () => {
  const other = ownFolder()
  const taken = Number(new URL(playground.workspaceUrl).port)
  const opening = openPlayground({ dir: other, port: taken, log: silentLog })
  await expect(opening).rejects.toMatchObject({
    code: 'port-taken',
    message: `port ${taken} is taken by another program`,
  })
  expect(JSON.parse(readFileSync(join(other, 'floor/playground.json'), 'utf8'))).toEqual({})
  expect(existsSync(join(other, 'shop-database', 'data', 'postmaster.pid'))).toBe(false)
  rmSync(other, { recursive: true, force: true })
})

/** Opens the playground from a process of its own that ends at once, without closing anything. */
async function openElsewhere(): Promise<Pick<Playground, 'env' | 'workspaceUrl'>> {
  const code = `import { openPlayground } from ${JSON.stringify(compiled('playground/start.js'))}
import { silentLog } from ${JSON.stringify(compiled('src/log.js'))}
const { env, workspaceUrl } = await openPlayground({ dir: ${JSON.stringify(dir)}, port: 0, log: silentLog })
process.stdout.write(JSON.stringify({ env, workspaceUrl }), () => process.kill(process.pid, 'SIGKILL'))`
  return new Promise((resolve, reject) => {
    execFile(process.execPath, ['--input-type=module', '--eval', code], (error, stdout, stderr) =>
      stdout ? resolve(JSON.parse(stdout)) : reject(error ?? new Error(stderr)),
    )
  })
}
