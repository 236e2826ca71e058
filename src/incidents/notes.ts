import type { Actor } from '../runs/run.js'
import { changed, type Deciding, type Decision, denied, keyed } from './deciding.js'
import type { Task } from './incident.js'

/** A sentence for the timeline; `key` makes a redelivery or a second reaction the same note. */
export function note(
  { view, by, now }: Deciding,
  said: { key: string; text: string; at: Date; kind?: 'note' | 'pinned' | 'decision'; link?: string },
): Decision {
  const text = said.text.trim()
  if (text === '')
    return denied(
      'note-empty',
      'Nothing was noted.',
      'A note is a sentence.',
      'For example: /incident note the card network is fine',
    )
  return changed(`Noted on INC-${view.incident.id}.`, {
    timeline: [
      {
        key: said.key,
        kind: said.kind ?? 'note',
        at: said.at,
        by,
        text,
        ...(said.link ? { data: { link: said.link } } : {}),
      },
    ],
    audit: [{ actor: by, act: 'noted', subject: { key: said.key, at: now.toISOString() } }],
  })
}

export function addTask(
  deciding: Deciding,
  kind: Task['kind'],
  text: string,
  owner: Actor | null,
  key = keyed('task', deciding),
): Decision {
  const { by, now } = deciding
  const words = text.trim()
  const named = kind === 'task' ? 'Task' : 'Follow-up'
  if (words === '') return denied('task-empty', 'Nothing was added.', `A ${kind} says what to do.`, 'Write a sentence.')
  const said = `${named}: ${words}${owner ? ` (${owner.name})` : ''}`
  return changed(`${named} added.`, {
    ...(kind === 'follow-up' && { set: { wakeAt: now } }),
    tasks: { add: [{ kind, text: words, owner, createdAt: now }] },
    timeline: [{ key, kind: 'task', at: now, by, text: said }],
    audit: [{ actor: by, act: `added a ${kind}`, subject: { owner: owner?.id ?? null } }],
  })
}

export function tickTask(deciding: Deciding, id: number): Decision {
  const { view, by, now } = deciding
  const task = view.tasks.find((one) => one.id === id)
  if (!task)
    return denied(
      'task-unknown',
      'Nothing was ticked.',
      'There is no such task here.',
      'Look at the card as it is now.',
    )
  if (task.doneAt) return { kind: 'so already', text: 'It was done already.' }
  return changed(`Done: ${task.text}`, {
    tasks: { change: [{ id, doneAt: now }] },
    timeline: [{ key: `done:${id}`, kind: 'task', at: now, by, text: `Done: ${task.text}` }],
    audit: [{ actor: by, act: 'ticked a task', subject: { task: id } }],
  })
}
