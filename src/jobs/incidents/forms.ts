import { type Asker, type FormName, type IncidentFormName, incidentForms } from '../../commands/command.js'
import type { IncidentAct } from '../../commands/incident-words.js'
import type { Field, Form, Reply } from '../../commands/reply.js'
import { refused } from '../../errors.js'
import { nameOf, type Severity, severities, type Update } from '../../incidents/incident.js'
import { gateState } from '../../incidents/resolving.js'
import type { Standing } from '../../releases/people.js'
import { unproven } from '../../releases/permission.js'
import type { FormValues } from '../desk/forms.js'
import { actOnIncident, pressIncident } from './acting.js'
import type { IncidentDeskParts } from './parts.js'

export const isIncidentForm = (name: FormName): name is IncidentFormName =>
  (incidentForms as readonly string[]).includes(name)

/** A form about an incident with what is known filled in. What it is about travels as a field that is not asked for. */
export async function incidentForm(
  parts: IncidentDeskParts,
  name: IncidentFormName,
  known: FormValues,
  standing: Standing | null,
): Promise<Form> {
  const unknown = unproven(standing, parts.clock.now(), 'You may not act in incidents.')
  if (unknown) throw refused(unknown.code, `${unknown.what} ${unknown.why}`, { next: unknown.next })
  const fields = await fieldsOf(parts, name, known)
  const carried = ['incident', 'alert', 'run', 'link'].flatMap((field): Field[] => {
    const value = known[field]
    return value === undefined ? [] : [{ name: field, label: '', value, carried: true }]
  })
  const intro = name === 'resolve' ? await gateWords(parts, known) : words[name].intro
  return { name, ...words[name], intro, fields: [...fields, ...carried] }
}

/** What the gate says at this moment; of a private incident nothing. */
async function gateWords({ incidents, catalogue, clock }: IncidentDeskParts, known: FormValues): Promise<string> {
  const view = known.incident ? await incidents.store.view(Number(known.incident)) : null
  if (!view || view.incident.private) return words.resolve.intro
  const { open, standing } = gateState(view.gate, catalogue.incidents.gate.green, clock.now())
  if (open) return `The gate of ${nameOf(view.incident.id)} is open: ${standing}.`
  return `The gate of ${nameOf(view.incident.id)} is closed: ${standing}. Wait for it, or say why it is over all the same.`
}

const words: { [name in IncidentFormName]: Pick<Form, 'title' | 'submit' | 'intro'> } = {
  incident: {
    title: 'Open an incident',
    submit: 'Open',
    intro: 'A channel opens with what changed lately and a guide. All of this can be changed later.',
  },
  update: {
    title: 'Draft an update',
    submit: 'Draft',
    intro: 'Nothing goes out yet: somebody reads it and publishes it.',
  },
  resolve: { title: 'Resolve', submit: 'Resolve', intro: 'The gate is closed. With a reason it is over all the same.' },
  role: { title: 'Hand over a role', submit: 'Hand over', intro: 'Whoever gets it is told what to do.' },
  task: { title: 'Add a task', submit: 'Add', intro: 'It shows on the card until it is ticked off.' },
  silence: { title: 'Silence an alert', submit: 'Silence', intro: 'It goes on being counted, and tells nobody.' },
}

const option = (value: string, label = value) => ({ value, label })

async function fieldsOf(parts: IncidentDeskParts, name: IncidentFormName, known: FormValues): Promise<Field[]> {
  const { catalogue } = parts
  const text = (field: string, label: string, more: Partial<Field> = {}): Field => ({
    name: field,
    label,
    ...(known[field] !== undefined && { value: known[field] }),
    ...more,
  })
  switch (name) {
    case 'incident':
      return [
        text('title', 'What is wrong?', { hint: 'In a sentence: "the checkout is slow"' }),
        text('severity', 'How bad?', { value: known.severity ?? 'SEV3', options: severityOptions }),
        text('service', 'Service', {
          optional: true,
          options: Object.keys(catalogue.services).map((one) => option(one)),
        }),
        text('environment', 'Environment', {
          optional: true,
          options: Object.keys(catalogue.environments).map((one) => option(one)),
        }),
        text('private', 'Who may see it?', {
          value: known.private ?? 'no',
          options: [option('no', 'Everybody'), option('yes', 'Only those who are invited')],
        }),
      ]
    case 'update':
      return [
        text('text', 'What is true now?', { long: true }),
        text('phase', 'Phase', { value: known.phase ?? 'investigating', options: phases.map((one) => option(one)) }),
        text('audience', 'For whom?', {
          value: known.audience ?? 'stakeholders,status page',
          options: audienceOptions,
        }),
      ]
    case 'resolve':
      return [text('reason', 'Why is it over before its gate opens?', { long: true })]
    case 'role':
      return [
        text('role', 'Role', { options: catalogue.incidents.roles.map((one) => option(one)) }),
        text('person', 'To whom?', { person: true, optional: true }),
      ]
    case 'task':
      return [
        text('text', 'What is to be done?'),
        text('kind', 'When?', {
          value: known.kind ?? 'task',
          options: [
            option('task', 'Now'),
            option('follow-up', 'Afterwards'),
            option('fix', 'It ends the error: a version, #change or commit'),
          ],
        }),
        text('owner', 'By whom?', { person: true, optional: true }),
      ]
    case 'silence':
      return [text('minutes', 'For how long?', { value: known.minutes ?? '60', options: lengths })]
  }
}

const severityOptions = [
  option('SEV1', 'SEV1: it is down for many'),
  option('SEV2', 'SEV2: many people notice it'),
  option('SEV3', 'SEV3: some people notice it'),
  option('SEV4', 'SEV4: nobody outside notices it'),
]
const phases = ['investigating', 'identified', 'monitoring', 'resolved']
const audienceOptions = [
  option('stakeholders,status page', 'Stakeholders and the status page'),
  option('stakeholders', 'Stakeholders only'),
  option('stakeholders,status page,customers', 'Stakeholders, the status page and customers'),
]
const lengths = [option('15', '15 minutes'), option('60', '1 hour'), option('240', '4 hours'), option('1440', '1 day')]

/** What a submitted form asks for. */
export async function pressIncidentForm(
  parts: IncidentDeskParts,
  name: IncidentFormName,
  values: FormValues,
  asker: Asker,
): Promise<Reply> {
  if (name === 'silence')
    return pressIncident(
      parts,
      { name: 'silence alert', alert: Number(values.alert), minutes: Number(values.minutes) },
      asker,
    )
  return actOnIncident(parts, actOf(name, values), asker)
}

function actOf(name: Exclude<IncidentFormName, 'silence'>, values: FormValues): IncidentAct {
  const meant = values.incident ? { incident: Number(values.incident) } : {}
  switch (name) {
    case 'incident':
      return declaration(values)
    case 'update':
      return {
        name: 'draft',
        text: values.text ?? '',
        phase: (phases.find((one) => one === values.phase) ?? 'investigating') as Update['phase'],
        audience: (values.audience ?? '').split(',').filter(isAudience),
        ...meant,
      }
    case 'resolve':
      return { name: 'resolve', reason: values.reason ?? '', ...meant }
    case 'role':
      return { name: 'role', role: values.role ?? '', to: values.person || null, ...meant }
    case 'task':
      if (values.kind === 'fix')
        return { name: 'fix', what: (values.text ?? '').trim(), ...(values.owner && { owner: values.owner }), ...meant }
      return {
        name: values.kind === 'follow-up' ? 'follow-up' : 'task',
        text: values.text ?? '',
        ...(values.owner && { owner: values.owner }),
        ...meant,
      }
  }
}

const isAudience = (word: string): word is Update['audience'][number] =>
  ['stakeholders', 'status page', 'customers'].includes(word)

function declaration(values: FormValues): IncidentAct {
  const severity = severities.find((one) => one === values.severity) as Severity | undefined
  return {
    name: 'declare',
    title: values.title ?? '',
    ...(severity && { severity }),
    ...(values.service && { service: values.service }),
    ...(values.environment && { environment: values.environment }),
    ...(values.private === 'yes' && { private: true }),
    ...(values.run && { run: Number(values.run) }),
    ...(values.alert && { alert: Number(values.alert) }),
    ...(values.link && { link: values.link }),
  }
}
