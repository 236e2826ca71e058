import type { App, GlobalShortcut, MessageShortcut } from '@slack/bolt'
import { z } from 'zod'
import type { FormName } from '../../commands/command.js'
import type { IncidentFormName } from '../../commands/incident-words.js'
import type { Form, Reply } from '../../commands/reply.js'
import { formNames } from '../views/form-view.js'
import type { Ways } from './answers.js'
import { askerOf } from './asker.js'
import { attempt } from './attempt.js'
import { openWhenReady, type Trigger, triggerOf } from './opening.js'
import { type FaceParts, inTime } from './parts.js'
import { permalinkOf, titleFrom } from './said.js'

const titles: { [name in FormName | IncidentFormName]: string } = {
  deploy: 'Deploy',
  rollback: 'Roll back',
  scale: 'Scale',
  'hand-over': 'Hand over a lock',
  restore: 'Bring data back',
  routine: 'Recurring work',
  incident: 'Open an incident',
  update: 'Status update',
  resolve: 'Resolve',
  role: 'Hand over a role',
  task: 'Task',
  silence: 'Silence an alert',
}

/** "Deploy…" from anywhere in Slack. */
export function listenToShortcuts(app: App, parts: FaceParts): void {
  app.shortcut<GlobalShortcut>({ type: 'shortcut', callback_id: 'deploy' }, async ({ shortcut, ack, context }) => {
    await ack()
    const { user, team } = shortcut
    const person = { user: user.id, userName: user.username, team: user.team_id ?? team?.id ?? '' }
    await openAsked(parts, {
      ...person,
      trigger: triggerOf(shortcut.trigger_id, context),
      value: JSON.stringify({ name: 'deploy', known: {} }),
      ways: { user: user.id },
    })
  })
  app.shortcut<GlobalShortcut>({ type: 'shortcut', callback_id: 'declare' }, async ({ shortcut, ack, context }) => {
    await ack()
    const { user, team } = shortcut
    const person = { user: user.id, userName: user.username, team: user.team_id ?? team?.id ?? '' }
    const value = JSON.stringify({ name: 'incident', known: {} })
    const trigger = triggerOf(shortcut.trigger_id, context)
    await openAsked(parts, { ...person, trigger, value, ways: { user: user.id } })
  })
  listenToMessageShortcut(app, parts)
}

/** An incident from what somebody wrote: its words become the title, and its address goes on the timeline. */
function listenToMessageShortcut(app: App, parts: FaceParts): void {
  app.shortcut<MessageShortcut>(
    { type: 'message_action', callback_id: 'incident' },
    async ({ shortcut: { user, team, channel, message, ...rest }, ack, context }) => {
      await ack()
      const where = { channel: channel.id, ...(message.thread_ts ? { thread: String(message.thread_ts) } : {}) }
      const link = await inTime(permalinkOf(parts, channel.id, message.ts), 600, parts.clock)
      const known = { title: titleFrom(message.text ?? ''), ...(link ? { link } : {}) }
      await openAsked(parts, {
        ...{ user: user.id, userName: user.name, team: user.team_id ?? team?.id ?? '' },
        trigger: triggerOf(rest.trigger_id, context),
        value: JSON.stringify({ name: 'incident', known }),
        ways: { user: user.id, responseUrl: rest.response_url, ...where },
      })
    },
  )
}

export type FormRequest = {
  user: string
  userName: string
  team: string
  trigger: Trigger
  value: string | undefined
  ways: Ways
}

const askedShape = z.object({ name: z.enum(formNames), known: z.record(z.string(), z.string()) })

/** The form that a button or shortcut names, made now. */
export async function openAsked(parts: FaceParts, asked: FormRequest): Promise<void> {
  const { name, known } = readAsked(asked.value)
  const make = async (): Promise<Form | Reply> => {
    const reply = await attempt(parts, `the form ${name}`, asked.team, async (): Promise<Reply> => {
      const asker = await askerOf(parts, { ...asked, via: 'shortcut', delivery: asked.trigger.id })
      return { kind: 'form', form: await parts.desk.form(name as FormName, known, asker) }
    })
    return reply.kind === 'form' ? reply.form : reply
  }
  const ways = { ...asked.ways, known: aboutOf(known) }
  await openWhenReady(parts, asked.trigger, { name, known, title: titles[name] }, ways, make)
}

/** What a form is about beside its fields. */
const about = ['incident', 'run', 'alert', 'link', 'kind']
const aboutOf = (known: { [field: string]: string }) =>
  Object.fromEntries(Object.entries(known).filter(([name]) => about.includes(name)))

function readAsked(value: string | undefined): z.infer<typeof askedShape> {
  try {
    return askedShape.parse(JSON.parse(value ?? ''))
  } catch {
    return { name: 'deploy', known: {} }
  }
}
