import { type IncidentView, nameOf, type Task } from '../incident.js'
import { inline } from './markdown.js'

export type FollowUpIssue = {
  /** Stands in the issue's body, so that it is found again: twice is once. */
  marker: string
  title: string
  body: string
  since: Date
}

/** Where follow-ups go on; once for its marker. */
export type IssueTracker = { open(issue: FollowUpIssue): Promise<{ link: string; fresh: boolean }> }

/** How often an issue could not be opened; without a row it never failed. */
export type IssueRow = { task: number; tries: number; retryAt: Date | null; givenUpAt: Date | null }
export type IssueRows = {
  of(tasks: number[]): Promise<IssueRow[]>
  /** `retryAt` null gives it up. */
  failed(task: number, error: string, retryAt: Date | null, at: Date): Promise<void>
}

/** Follow-ups that are nowhere else yet; of a private incident none, since the repository has other readers. */
export function followUpsToOpen({ incident, tasks }: IncidentView): Task[] {
  if (incident.private || incident.state === 'open') return []
  return tasks.filter(({ kind, link, doneAt }) => kind === 'follow-up' && link === null && doneAt === null)
}

export function followUpIssue({ incident }: IncidentView, task: Task, reviewLink: string | null): FollowUpIssue {
  const marker = `shipmate:${incident.team}/${nameOf(incident.id)}/follow-up-${task.id}`
  const body = [
    inline(task.text, 5000),
    '',
    `From ${nameOf(incident.id)} (${incident.severity}): ${inline(incident.title)}${reviewLink ? ` · <${reviewLink}>` : ''}`,
    ...(task.owner ? [`Taken by ${inline(task.owner.name, 80)}.`] : ['Nobody has taken it yet.']),
    '',
    `<!-- ${marker} -->`,
  ]
  const title = task.text.replace(/\s+/g, ' ').trim()
  return {
    marker,
    title: title.length > 120 ? `${title.slice(0, 119)}…` : title,
    body: body.join('\n'),
    since: incident.declaredAt,
  }
}
