import { asShipmateError } from '../../errors.js'
import type { IncidentView, Task } from '../../incidents/incident.js'
import type { IncidentChange, IncidentReads } from '../../incidents/ports.js'
import { followUpIssue, followUpsToOpen, type IssueRows, type IssueTracker } from '../../incidents/review/follow-ups.js'

type Opening = { tracker: IssueTracker; rows: IssueRows; reads: Pick<IncidentReads, 'timeline'> }

const mostTries = 8
/** Doubled with each try, up to half an hour. */
const firstPause = 10_000
const longestPause = 30 * 60_000

/** Follow-ups of an incident that is over become issues, each once; what cannot be opened is told to people. */
export async function followUpsOpened(
  parts: Opening,
  view: IncidentView,
  now: Date,
): Promise<{ change?: IncidentChange; again?: Date }> {
  const wanted = followUpsToOpen(view)
  if (wanted.length === 0) return {}
  const known = new Map((await parts.rows.of(wanted.map(({ id }) => id))).map((row) => [row.task, row]))
  const told = new Set((await parts.reads.timeline(view.incident.id)).map(({ key }) => key))
  const ends: End[] = []
  for (const task of wanted) {
    const row = known.get(task.id)
    if (row?.givenUpAt) ends.push(told.has(givenUpKey(task)) ? {} : { told: givenUp(task, now) })
    else if (row?.retryAt && row.retryAt > now) ends.push({ again: row.retryAt })
    else ends.push(await opened(parts, view, task, row?.tries ?? 0, now))
  }
  return {
    change: {
      ...links(ends),
      timeline: ends.flatMap(({ told }) => told?.timeline ?? []),
      posts: ends.flatMap(({ told }) => told?.posts ?? []),
    },
    ...earliest(ends),
  }
}

type End = { told?: IncidentChange; link?: { id: number; link: string }; again?: Date }

async function opened(
  { tracker, rows }: Opening,
  view: IncidentView,
  task: Task,
  tries: number,
  now: Date,
): Promise<End> {
  try {
    const { link } = await tracker.open(followUpIssue(view, task, null))
    return { link: { id: task.id, link }, told: wentOn(task, link, now) }
  } catch (thrown) {
    const { message } = asShipmateError(thrown)
    const again = new Date(now.getTime() + Math.min(longestPause, firstPause * 2 ** tries))
    const over = tries + 1 >= mostTries
    await rows.failed(task.id, message, over ? null : again, now)
    return over ? { told: givenUp(task, now) } : { again }
  }
}

const links = (ends: End[]): Pick<IncidentChange, 'tasks'> => {
  const change = ends.flatMap(({ link }) => link ?? [])
  return change.length > 0 ? { tasks: { change } } : {}
}

function earliest(ends: End[]): { again?: Date } {
  const times = ends.flatMap(({ again }) => (again ? [again.getTime()] : []))
  return times.length > 0 ? { again: new Date(Math.min(...times)) } : {}
}

const wentOn = (task: Task, link: string, now: Date): IncidentChange => ({
  timeline: [
    {
      ...{ key: `issue:${task.id}`, kind: 'task', at: now, by: null, data: { link } },
      text: `Follow-up goes on as an issue: ${task.text}`,
    },
  ],
})

const givenUpKey = ({ id }: Task) => `issue:${id}:given up`

function givenUp(task: Task, now: Date): IncidentChange {
  const key = givenUpKey(task)
  const text = `No issue could be opened for the follow-up “${task.text}”, tried ${mostTries} times. Open it by hand.`
  return {
    timeline: [{ key, kind: 'task', at: now, by: null, text }],
    posts: [{ key, to: { kind: 'thread' }, text }],
  }
}
