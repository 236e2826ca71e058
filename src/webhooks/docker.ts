import { z } from 'zod'
import { shipmateProof } from './proof.js'
import { clean, type LabelledChange, labelSchema, momentSchema, nothingRead, type Sender, shaped } from './sender.js'

const event = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: labelSchema }),
  time: momentSchema,
  timeNano: z.number().nullish(),
})
const payload = z.union([z.array(event).max(1_000), event.transform((one) => [one])])

/** What changes what runs; health, exec and attach are noise. */
const deeds: { [type: string]: { [action: string]: string } } = {
  container: {
    start: 'was started',
    stop: 'was stopped',
    restart: 'was restarted',
    destroy: 'was removed',
    update: 'got other limits',
    oom: 'ran out of memory',
  },
  service: { create: 'was created', update: 'was updated', remove: 'was removed' },
  config: { create: 'was created', update: 'was updated', remove: 'was removed' },
  secret: { create: 'was created', update: 'was updated', remove: 'was removed' },
  node: { update: 'was updated', remove: 'was removed' },
}

/** Lines of `docker events --format '{{json .}}'`, as a small forwarder posts them: docs/operations/alerts.md has it. */
export const docker: Sender = {
  source: 'docker',
  path: '/changes/docker',
  claims: shipmateProof.claims,
  proves: shipmateProof.proves,
  read: (body, { headers, at }) => ({
    ...nothingRead,
    key: shipmateProof.key(headers),
    changes: shaped(body, payload, 'docker').flatMap((one) => changeOf(one, at) ?? []),
  }),
}

function changeOf(
  { Type, Action, Actor, time, timeNano }: z.output<typeof event>,
  received: Date,
): LabelledChange | null {
  const deed = Object.hasOwn(deeds, Type) ? deeds[Type]?.[Action] : undefined
  if (deed === undefined) return null
  const { Attributes: labels, ID } = Actor
  const name = labels.name ?? ID.slice(0, 12)
  const image = labels.image && labels.image !== name ? ` (${labels.image})` : ''
  const service =
    labels['com.docker.compose.service'] ??
    labels['com.docker.swarm.service.name'] ??
    (Type === 'service' ? name : null)
  return {
    key: clean(`${ID}:${Action}:${timeNano ?? time?.getTime() ?? received.getTime()}`, 200),
    source: 'docker',
    what: clean(`${Type} ${name}${image} ${deed}`, 500),
    service,
    environment: null,
    by: null,
    at: time ?? received,
    link: null,
    labels: { ...labels, type: Type, action: Action, ...(service ? { service } : {}) },
  }
}
