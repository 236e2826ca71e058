import type { Database } from '../../../src/store/database.js'

/** What rows tell of incidents, as far as the rules below look at it. */
export type Truth = {
  incidents: { id: number; title: string; guide: number | null; channel: string | null }[]
  entries: { incident: number; key: string; kind: string; text: string }[]
  runs: { id: number; parent: number | null; requestKey: string; job: string; state: string }[]
  answers: { run: number; step: string; round: number; answer: string; child: number | null }[]
  posts: { incident: number; key: string; sent: boolean }[]
}

/** Reads it as the owner of the database does. */
export async function truthOf(database: Pick<Database, 'query'>): Promise<Truth> {
  const rows = <Row>(text: string) => database.query<Row & object>(text) as Promise<Row[]>
  const [incidents, entries, runs, answers, posts] = await Promise.all([
    rows<Truth['incidents'][number]>(
      `select id::int, title, guide::int, room ->> 'channel' as channel from shipmate.incidents order by id`,
    ),
    rows<Truth['entries'][number]>(
      'select incident::int, key, kind, text from shipmate.incident_timeline order by incident, position',
    ),
    rows<Truth['runs'][number]>(
      `select r.id::int, r.parent::int, q.request_key as "requestKey", r.intent ->> 'job' as job, r.state
       from shipmate.runs r join shipmate.requests q on q.run = r.id order by r.id`,
    ),
    rows<Truth['answers'][number]>(
      `select run::int, step, round, answer, (data ->> 'run')::int as child from shipmate.answers order by run`,
    ),
    rows<Truth['posts'][number]>(
      'select incident::int, key, sent_at is not null as sent from shipmate.incident_posts order by id',
    ),
  ])
  return { incidents, entries, runs, answers, posts }
}

/** A guide's question is answered once, what was begun is there once, and what was passed over was not done. */
export function guideTroubles({ runs, answers }: Truth, acts: number[]): string[] {
  const found: string[] = []
  const children = runs.filter(({ requestKey }) => requestKey.startsWith('guide-step:'))
  for (const { id, requestKey } of children) {
    const [, guide, step, round] = /^guide-step:(\d+):(.*):(\d+)$/.exec(requestKey) ?? []
    const given = answers.filter((one) => one.run === Number(guide) && one.step === step && one.round === Number(round))
    const done = given.some((one) => one.answer === 'do' && one.child === id)
    if (!done && acts.includes(id)) found.push(`#${id} acted, and ${step} of #${guide} was not answered with it`)
  }
  const questions = answers.map(({ run, step, round }) => `${step} of #${run} in round ${round}`)
  for (const question of twice(questions)) found.push(`${question} was answered twice`)
  for (const key of twice(children.map(({ requestKey }) => requestKey))) found.push(`${key} was begun twice`)
  for (const run of twice(acts.map(String))) found.push(`#${run} acted twice`)
  for (const { run, step, round, answer } of answers)
    if (answer === 'skip' && children.some(({ requestKey }) => requestKey === `guide-step:${run}:${step}:${round}`))
      found.push(`${step} of #${run} was done and passed over`)
  for (const { run, step, answer, child } of answers)
    if (answer === 'do' && !children.some(({ id, parent }) => id === child && parent === run))
      found.push(`${step} of #${run} was answered with a run that is not there`)
  return found
}

/** Of each text that was acknowledged there is one entry in its incident's timeline. */
export function lostOrDouble(said: { incident: number; text: string }[], { entries }: Truth): string[] {
  return said.flatMap(({ incident, text }) => {
    const count = entries.filter((one) => one.incident === incident && one.text.includes(text)).length
    return count === 1 ? [] : [`“${text}” is in the timeline of INC-${incident} ${count} times`]
  })
}

export function twice(keys: string[]): string[] {
  const seen = new Set<string>()
  return [...new Set(keys.filter((key) => seen.has(key) || !seen.add(key)))]
}
