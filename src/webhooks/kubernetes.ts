import { z } from 'zod'
import { shipmateProof } from './proof.js'
import { clean, type LabelledChange, momentSchema, nothingRead, type Sender, shaped } from './sender.js'

const text = z.string().nullish()
const about = z.object({ kind: text, namespace: text, name: text }).nullish()
/** Of `v1` (involvedObject, message) and of `events.k8s.io/v1` (regarding, note). */
const event = z.object({
  metadata: z.object({ uid: text, name: text, namespace: text, creationTimestamp: momentSchema }).nullish(),
  involvedObject: about,
  regarding: about,
  reason: z.string(),
  message: text,
  note: text,
  count: z.number().nullish(),
  lastTimestamp: momentSchema,
  eventTime: momentSchema,
  reportingComponent: text,
  reportingController: text,
})
/** One event, what `kubectl get events --watch --output-watch-events` prints, or several. */
const one = z.union([z.object({ object: event }).transform(({ object }) => object), event])
const payload = z.union([z.array(one).max(1_000), one.transform((single) => [single])])

/** Reasons that say that something is not as it was. The many others (Pulled, Created, Started) follow from these. */
const reasons = new Set([
  'ScalingReplicaSet',
  'DeploymentRollback',
  'SuccessfulRescale',
  'SuccessfulUpdate',
  'Evicted',
  'Preempted',
  'OOMKilling',
  'SystemOOM',
  'NodeNotReady',
  'NodeReady',
  'RemovingNode',
  'NodeNotSchedulable',
  'BackOff',
  'FailedScheduling',
])

export const kubernetes: Sender = {
  source: 'kubernetes',
  path: '/changes/kubernetes',
  claims: shipmateProof.claims,
  proves: shipmateProof.proves,
  read: (body, { headers, at }) => ({
    ...nothingRead,
    key: shipmateProof.key(headers),
    changes: shaped(body, payload, 'kubernetes').flatMap((found) => changeOf(found, at) ?? []),
  }),
}

function changeOf(found: z.output<typeof event>, received: Date): LabelledChange | null {
  if (!reasons.has(found.reason)) return null
  const { kind, namespace, name } = found.involvedObject ?? found.regarding ?? {}
  const at = found.lastTimestamp ?? found.eventTime ?? found.metadata?.creationTimestamp ?? received
  const app = ownerOf(kind ?? '', name ?? '')
  const words = found.message ?? found.note ?? ''
  return {
    // The same event counts up while it is repeated: each count is a change of its own.
    key: clean(
      `${found.metadata?.uid ?? `${namespace}/${kind}/${name}/${found.reason}/${at.getTime()}`}:${found.count ?? 1}`,
      200,
    ),
    source: 'kubernetes',
    what: clean(`${kind ?? 'something'} ${name ?? ''}: ${found.reason}${words ? `, ${words}` : ''}`, 500),
    service: app === '' ? null : app,
    environment: null,
    by: found.reportingComponent || found.reportingController || null,
    at,
    link: null,
    labels: {
      ...{ reason: found.reason, app },
      ...(namespace ? { namespace } : {}),
      ...(kind ? { kind } : {}),
      ...(name ? { name } : {}),
    },
  }
}

/** `storefront-7d9c6b5f4-x2x9z` is a pod of `storefront`. */
function ownerOf(kind: string, name: string): string {
  if (kind === 'Pod') return name.replace(/-[a-z0-9]{8,10}-[a-z0-9]{5}$/, '').replace(/-\d+$/, '')
  if (kind === 'ReplicaSet') return name.replace(/-[a-z0-9]{8,10}$/, '')
  return kind === 'Node' ? '' : name
}
