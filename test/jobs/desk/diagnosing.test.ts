import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { gateNames } from '../../../src/releases/watch-words.js'
import { type CheckResult, defineCheck } from '../../../src/runs/abilities.js'
import { asker, createDeskWorld, type DeskWorld } from '../../support/desk-world.js'

// What each check finds in real databases, caches and hosts is tried where it lives.
const finds: { [check: string]: () => CheckResult } = {}
const nothing: CheckResult = { outcome: 'skip', summary: 'not set up' }
const checks = gateNames.map((name) =>
  defineCheck({ name, input: z.object({}).loose(), run: async () => (finds[name] ?? (() => nothing))() }),
)

let w: DeskWorld
beforeAll(async () => {
  w = await createDeskWorld({ checks })
})
afterAll(() => w.close())

async function diagnosed(found: { [check: string]: CheckResult | Error }) {
  for (const name of gateNames) delete finds[name]
  for (const [name, result] of Object.entries(found))
    finds[name] = () => {
      if (result instanceof Error) throw result
      return result
    }
  const reply = await w.desk.say('diagnose prod', 'ops', asker('U0RITA'))
  if (reply.kind !== 'diagnosis') throw new Error(JSON.stringify(reply))
  const words = reply.findings.map(({ title, outcome, evidence }) => `${outcome}: ${title}: ${evidence.summary}`)
  return { ...reply, begins: reply.begins?.title ?? null, words }
}

test('of all that fails the one nearest to the ground is where it may begin, whatever visitors see', async () => {
  const { begins, words, skipped } = await diagnosed({
    'http.probe': { outcome: 'fail', summary: 'visitors get 503' },
    'metrics.errors': { outcome: 'fail', summary: '40 % of requests fail' },
    'postgres.reachable': { outcome: 'fail', summary: 'the connection was refused' },
    'redis.reachable': { outcome: 'pass', summary: 'it answers in 1 ms' },
    'host.disk': { outcome: 'warn', summary: '/ is 85 % full' },
  })
  expect(begins).toBe('The database answers')
  expect(words).toEqual([
    'fail: The database answers: the connection was refused',
    'fail: Few requests fail: 40 % of requests fail',
    'fail: Visitors get an answer: visitors get 503',
    'warn: Disks have room: / is 85 % full',
    'pass: The cache answers: it answers in 1 ms',
  ])
  expect(skipped).toHaveLength(gateNames.length - 5 - 1)
})

test('the guide that repairs what it begins with is named, with what follows it', async () => {
  const text = (name: string) => `# ${name}

## 1. Check: nobody waits

\`\`\`yaml shipmate
key: locks
check: postgres.locks
\`\`\`

## 2. Do: Cancel it

\`\`\`yaml shipmate
do: postgres.cancel
${name === 'Locks' ? 'proof: [locks]' : ''}
\`\`\`
`
  w.guides.put('locks', text('Locks'))
  w.guides.put('looking', text('Only looks'))
  const locks = { outcome: 'fail' as const, summary: 'pid 4711 blocks 23 sessions' }
  expect((await diagnosed({ 'postgres.locks': locks })).helps).toEqual([{ name: 'locks', title: 'Locks' }])
  expect((await diagnosed({ 'http.probe': locks })).helps).toEqual([])
})

test('a check that breaks is no finding and hides no other; where nothing fails nothing begins', async () => {
  const { begins, words, verdict } = await diagnosed({
    'dns.resolves': new Error('no name server'),
    'http.probe': { outcome: 'pass', summary: '200 in 12 ms' },
  })
  expect(begins).toBeNull()
  expect(words).toEqual([
    'error: The names resolve: could not be looked at: no name server',
    'pass: Visitors get an answer: 200 in 12 ms',
  ])
  expect(verdict).toBe('nothing is found broken, and 1 check could not tell.')
  expect((await diagnosed({ 'http.probe': { outcome: 'pass', summary: '200' } })).verdict).toBe('nothing is broken.')
  expect((await diagnosed({})).verdict).toMatch(/^nothing is set up that could be looked at\./)
})
