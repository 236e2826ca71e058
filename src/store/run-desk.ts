import { digestOf } from '../json.js'
import type { AnswerResult, RunDesk, RunFilter, Untouched } from '../runs/ports.js'
import type { AnswerRecord, RunId, RunRecord } from '../runs/run.js'
import type { Database } from './database.js'
import {
  type AnswerRow,
  answerRecord,
  auditText,
  type RunRow,
  runColumns,
  runRecord,
  runView,
  toJson,
  type ViewRow,
  viewQuery,
  wordsHash,
} from './rows.js'

/** What people's acts write, each in one transaction with its audit row. */
export function createRunDesk(database: Database): RunDesk {
  return {
    submit: async (order) => {
      const subject = { via: order.via, job: order.intent.job, intent: digestOf(order.intent), parent: order.parent }
      const entry = auditText({ actor: order.requestedBy, act: 'asked for a run', subject }, order.at)
      const [made] = await database.query<{ run: number; fresh: boolean }>(
        'select * from shipmate.submit_run($1, $2)',
        [toJson(order), entry],
        'submit',
      )
      const readRun = `select ${runColumns} from shipmate.runs r where r.id = $1`
      const [row] = await database.query<RunRow>(readRun, [made?.run], 'read-run')
      if (!made || !row) throw new Error('the run that was just written cannot be read')
      return { run: runRecord(row), fresh: made.fresh }
    },
    find: async (team, requestKey) => {
      const [row] = await database.query<RunRow>(
        `select ${runColumns} from shipmate.requests q join shipmate.runs r on r.id = q.run
         where q.team = $1 and q.request_key = $2`,
        [team, requestKey],
        'find',
      )
      return row ? runRecord(row) : null
    },
    answer: (answer) => addAnswer(database, answer),
    touch: async (touch) => {
      const { run, step, round, by, at, kind } = touch
      const entry = auditText(
        { actor: by, act: kind === 'take' ? 'took a step' : 'had it looked at again', subject: { step, round } },
        at,
      )
      const [row] = await database.query<{ why: string }>('select shipmate.touch_step($1, $2) as why', [
        toJson({ kind, run, step, round, by, at }),
        entry,
      ])
      return row?.why ? (row.why as Untouched) : null
    },
    requestStop: async (run, by, reason, at) => {
      const entry = auditText({ actor: by, act: 'asked it to stop', subject: wordsHash(reason) }, at)
      const values = [run, toJson({ by, reason, at }), entry]
      const [row] = await database.query<{ asked: boolean }>(
        'select shipmate.request_stop($1, $2, $3) as asked',
        values,
      )
      return row?.asked ?? false
    },
    view: async (run) => {
      const [row] = await database.query<ViewRow>(viewQuery, [run], 'view')
      return row ? runView(row) : null
    },
    list: (filter) => list(database, filter),
  }
}

async function addAnswer(database: Database, answer: AnswerRecord): Promise<AnswerResult> {
  const { step, round, digest } = answer
  const subject = { step, round, digest, answer: answer.answer, ...wordsHash(answer.reason) }
  const entry = auditText({ actor: answer.person, act: 'answered', subject }, answer.at)
  const values = [toJson(answer), entry]
  const [row] = await database.query<{ why: string }>('select shipmate.answer_ask($1, $2) as why', values)
  const answers = await answersTo(database, answer.run, step)
  const why = row?.why
  if (why === '') return { accepted: true, answers }
  return { accepted: false, why: why as Exclude<AnswerResult, { accepted: true }>['why'], answers }
}

async function answersTo(database: Database, run: RunId, step: string): Promise<AnswerRecord[]> {
  const rows = await database.query<AnswerRow>(
    `select run, step, round, person, answer, reason, digest, at, data from shipmate.answers
     where run = $1 and step = $2 order by id`,
    [run, step],
  )
  return rows.map(answerRecord)
}

async function list(database: Database, filter: RunFilter): Promise<RunRecord[]> {
  const rows = await database.query<RunRow>(
    `select ${runColumns} from shipmate.runs r
     where ($1::text is null or r.environment = $1) and ($2::text is null or r.service = $2)
       and ($3::boolean is null or (r.ended_at is null) = $3)
       and ($5::text is null or $5 = any (r.resources))
     order by r.id desc limit $4`,
    [filter.environment ?? null, filter.service ?? null, filter.live ?? null, filter.limit, filter.resource ?? null],
  )
  return rows.map(runRecord)
}
