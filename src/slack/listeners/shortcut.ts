import type { App, GlobalShortcut } from '@slack/bolt'
import { z } from 'zod'
import type { FormName } from '../../commands/command.js'
import type { Form, Reply } from '../../commands/reply.js'
import { formNames } from '../views/form-view.js'
import type { Ways } from './answers.js'
import { askerOf } from './asker.js'
import { attempt } from './attempt.js'
import { openWhenReady, type Trigger, triggerOf } from './opening.js'
import type { FaceParts } from './parts.js'

const titles: { [name in FormName]: string } = {
  deploy: 'Deploy',
  rollback: 'Roll back',
  scale: 'Scale',
  'hand-over': 'Hand over a lock',
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
      return { kind: 'form', form: await parts.desk.form(name, known, asker) }
    })
    return reply.kind === 'form' ? reply.form : reply
  }
  await openWhenReady(parts, asked.trigger, { name, known, title: titles[name] }, asked.ways, make)
}

function readAsked(value: string | undefined): z.infer<typeof askedShape> {
  try {
    return askedShape.parse(JSON.parse(value ?? ''))
  } catch {
    return { name: 'deploy', known: {} }
  }
}
