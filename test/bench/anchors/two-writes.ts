// The least a durable step costs by hand: a row that says it runs, the step, the same row saying it is done.
import pg from 'pg'
import { takePart } from '../parts/contestant.js'

const client = new pg.Client({ connectionString: process.env.BENCH_DATABASE_URL })
await client.connect()
await client.query(`create table if not exists public.two_writes (run bigint, step int, state text not null,
  output jsonb, began_at timestamptz not null, ended_at timestamptz, primary key (run, step))`)

const begin = {
  name: 'begin',
  text: `insert into public.two_writes (run, step, state, began_at) values ($1, $2, 'running', $3)`,
}
const end = {
  name: 'end',
  text: `update public.two_writes set state = 'done', output = $3, ended_at = $4 where run = $1 and step = $2`,
}
const noOp = async () => ({ ok: true })
let run = 0

takePart(async (count) => {
  run++
  for (let step = 0; step < count; step++) {
    await client.query({ ...begin, values: [run, step, new Date()] })
    const output = await noOp()
    await client.query({ ...end, values: [run, step, JSON.stringify(output), new Date()] })
  }
})
