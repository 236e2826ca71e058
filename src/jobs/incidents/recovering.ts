import type { Asker } from '../../commands/command.js'
import type { Reply } from '../../commands/reply.js'
import { changed } from '../../incidents/deciding.js'
import { type IncidentView, nameOf, type RunPart, recoveryIn } from '../../incidents/incident.js'
import { lastGoodMoment } from '../../incidents/last-good-moment.js'
import type { IncidentStore } from '../../incidents/ports.js'
import { restorableAt } from '../../releases/backups/backup-policy.js'
import type { Intent, RunId } from '../../runs/run.js'
import type { FormValues } from '../desk/forms.js'
import { refusal } from '../desk/parts.js'
import { unknownRun, viewOf } from '../desk/queries.js'
import { submit } from '../desk/submitting.js'
import { rollBack } from '../desk/turning.js'
import { decided, type IncidentDeskParts } from './parts.js'

/** Rolls a deploy back as a run of its own, with the rights of whoever pressed and the approvals of the severity. */
export async function rollBackSuspect(
  parts: IncidentDeskParts,
  view: IncidentView,
  run: RunId,
  asker: Asker,
): Promise<Reply> {
  const suspect = await viewOf(parts, run, asker)
  if (!suspect) return refusal(unknownRun(run))
  const reply = await rollBack(parts, suspect.run, asker, recoveryIn(view.incident))
  if (reply.kind !== 'accepted') return reply
  await attach(
    parts,
    view,
    reply.run.id,
    'recovery',
    `${asker.actor.name} asked to roll back #${run}: #${reply.run.id}.`,
    asker,
  )
  return reply
}

/** What an incident knows of a restore that is asked for in it, where whoever asks has not said. */
export async function restoreKnown(
  {
    catalogue,
    incidents,
  }: Pick<IncidentDeskParts, 'catalogue'> & { incidents: { store: Pick<IncidentStore, 'view'> } },
  known: FormValues,
): Promise<FormValues> {
  const id = Number(known.incident ?? 0)
  const view = id > 0 && !known.point && !known.moment ? await incidents.store.view(id) : null
  if (!view) return known
  const database = restorableAt(catalogue, view.incident.service, view.incident.environment)
  return { ...(database && { database }), ...lastGoodMoment(view), ...known }
}

/** A restore that an incident asks for belongs to it; its approvals stay those of its place. */
export async function restoreFor(
  parts: IncidentDeskParts,
  intent: Intent,
  incident: number,
  asker: Asker,
): Promise<Reply> {
  const reply = await submit(parts, intent, asker)
  const view = incident > 0 ? await parts.incidents.store.view(incident) : null
  if (reply.kind !== 'accepted' || !view) return reply
  const { id } = reply.run
  await attach(parts, view, id, 'recovery', `${asker.actor.name} asked to bring data back: #${id}.`, asker)
  return reply
}

/** A run belongs to the incident from now on; once, whoever says so. */
export async function attach(
  parts: IncidentDeskParts,
  view: IncidentView,
  run: RunId,
  part: RunPart,
  text: string,
  asker: Asker,
): Promise<void> {
  await decided(parts, view.incident.id, asker, ({ now, by, view: newest }) => {
    if (newest.runs.some((one) => one.run === run && one.part === part))
      return { kind: 'so already', text: `#${run} belongs to ${nameOf(view.incident.id)} already.` }
    return changed(text, {
      // Whoever goes back is on it: nobody has to be called any more.
      set: { wakeAt: now, acknowledgedAt: newest.incident.acknowledgedAt ?? now },
      runs: [{ run, part }],
      timeline: [{ key: `run:${run}:asked`, kind: 'run', at: now, by, text, data: { run } }],
      audit: [{ actor: by, act: 'added a run', subject: { run, part } }],
    })
  })
}
