import type { PlanBlock, TaskCardBlock } from '@slack/types'
import { LinkView } from '../text/mentions.js'
import { RichTextView } from './rich-text.js'

const status = {
  pending: { sign: '○', word: 'waiting' },
  in_progress: { sign: '▸', word: 'running' },
  complete: { sign: '✓', word: 'done' },
  error: { sign: '✗', word: 'failed' },
}

export function PlanView({ block }: { block: PlanBlock }) {
  return (
    <section className="plan" aria-label={block.title}>
      <p className="plan-title">{block.title}</p>
      <ol>
        {(block.tasks ?? []).map((task, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: tasks keep their place in a plan
          <li key={index}>
            <TaskCardView task={task as TaskCardBlock} />
          </li>
        ))}
      </ol>
    </section>
  )
}

export function TaskCardView({ task }: { task: TaskCardBlock }) {
  const { sign, word } = status[task.status]
  return (
    <div className={`task task-${task.status}`}>
      <p className="task-title">
        {task.status === 'in_progress' ? (
          <span className="spinner" aria-hidden="true" />
        ) : (
          <span className="task-sign" aria-hidden="true">
            {sign}
          </span>
        )}
        <span>{task.title}</span>
        <span className="task-word">{word}</span>
      </p>
      {task.details && <RichTextView block={task.details} />}
      {task.output && (
        <div className="task-output">
          <RichTextView block={task.output} />
        </div>
      )}
      {task.sources && (
        <p className="task-sources">
          {task.sources.map(({ url, text }) => (
            <LinkView key={url} url={url} label={text} />
          ))}
        </p>
      )}
    </div>
  )
}
