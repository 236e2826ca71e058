import { expect, test } from 'vitest'
import { breachesOf } from './support/directions.js'
import { sourceFiles } from './support/source-files.js'

test('arrows go one way: faces to jobs and commands, those to runs and releases; outside parts to inner interfaces', () => {
  expect(breachesOf(sourceFiles('src'))).toEqual([])
})

const planted = (path: string, text: string) => breachesOf([{ path, text }])

test.each([
  ['an engine that knows a job', 'src/runs/engine.ts', "import { jobs } from '../jobs/jobs.js'"],
  ['a type of a face inside a job', 'src/jobs/desk.ts', "import type { Card } from '../slack/cards/card.js'"],
  ['a face that uses another face', 'src/cli/x.ts', "export { y } from '../slack/y.js'"],
  ['a face that reaches into the store', 'src/http/x.ts', "import { sql } from '../store/sql.js'"],
  ['an integration that uses the store', 'src/integrations/hosts.ts', "import { sql } from '../store/sql.js'"],
  ['a command that plans', 'src/commands/deploy.ts', "const job = await import('../jobs/deploy.js')"],
  ['a part that joins parts itself', 'src/slack/x.ts', "import { start } from '../app.js'"],
  ['the clock leaning on a folder', 'src/clock.ts', "import { x } from './runs/x.js'"],
  ['the playground inside the product', 'src/slack/x.ts', "import { y } from '../../playground/y.js'"],
  ['the playground as a fixed part of the start', 'src/main.ts', "import { y } from '../playground/y.js'"],
  ['an example inside the product', 'src/jobs/x.ts', "const shop = import('../../examples/storefront/shop.js')"],
  ['Bolt outside slack/', 'src/http/x.ts', "import { App } from '@slack/bolt'"],
  ['SQL outside store/', 'src/jobs/x.ts', "import pg from 'pg'"],
  ['BullMQ outside queue/', 'src/store/x.ts', "import { Queue } from 'bullmq'"],
  ['Redis outside queue/', 'src/runs/x.ts', "import { Redis } from 'ioredis'"],
  ['axios next to its home', 'src/integrations/github.ts', "import axios from 'axios'"],
  ['a second calendar', 'src/releases/x.ts', "import dayjs from 'dayjs'"],
  ['a second logger', 'src/slack/x.ts', "import { pino } from 'pino'"],
  ['the environment read anywhere', 'src/slack/x.ts', 'const level = process.env.LOG_LEVEL'],
  ['a type imported inline', 'src/runs/x.ts', "type X = import('../slack/y.js').Y"],
])('%s is found', (_what, path, text) => {
  expect(planted(path, text)).toHaveLength(1)
})

test('two folders that lean on each other are found, even by way of a third', () => {
  const circle = breachesOf([
    { path: 'src/releases/a.ts', text: "import { b } from '../runs/b.js'" },
    { path: 'src/runs/b.ts', text: "import { c } from '../json.js'" },
    { path: 'src/json.ts', text: "import { a } from './releases/a.js'" },
  ])
  expect(circle).toContain('releases uses itself in a circle')
})

test.each([
  ['src/main.ts', "const { start } = await import('../playground/start.js')"],
  ['src/app.ts', "import { createSlackFace } from './slack/app.js'\nimport { openStore } from './store/connect.js'"],
  ['src/integrations/http.ts', "import axios from 'axios'"],
  ['src/jobs/desk.ts', "import type { Asker } from '../commands/command.js'"],
  ['src/slack/app.ts', "import { App } from '@slack/bolt'\nimport type { Desk } from '../jobs/desk.js'"],
  ['src/integrations/postgres/x.ts', "import pg from 'pg'"],
  ['src/integrations/redis/x.ts', "import { Queue } from 'bullmq'\nimport { Redis } from 'ioredis'"],
  ['src/store/rows.ts', "import type { RunStore } from '../runs/ports.js'\nimport pg from 'pg'"],
])('%s may do what it is there for', (path, text) => {
  expect(planted(path, text)).toEqual([])
})
