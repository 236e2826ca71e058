import { z } from 'zod'
import { digestOf } from '../json.js'
import { shipmateProof } from './proof.js'
import {
  clean,
  type LabelledChange,
  labelSchema,
  momentSchema,
  nothingRead,
  type Sender,
  shaped,
  webAddress,
} from './sender.js'

const change = z.object({
  what: z.string().min(1),
  key: z.string().min(1).nullish(),
  source: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,39}$/)
    .nullish(),
  service: z.string().nullish(),
  environment: z.string().nullish(),
  by: z.string().nullish(),
  at: momentSchema,
  link: z.string().nullish(),
  labels: labelSchema,
})
const payload = z.union([
  z.object({ changes: z.array(change).min(1).max(1_000) }),
  change.transform((one) => ({ changes: [one] })),
])

/** Something changed that Shipmate did not do: a deploy by hand, a flag, a configuration. */
export const changes: Sender = {
  source: 'changes',
  path: '/changes',
  claims: shipmateProof.claims,
  proves: shipmateProof.proves,
  read: (body, { headers, at }) => ({
    ...nothingRead,
    key: shipmateProof.key(headers),
    changes: shaped(body, payload, 'changes').changes.map((one) => changeOf(one, at)),
  }),
}

function changeOf(one: z.output<typeof change>, received: Date): LabelledChange {
  const { what, service, environment, by, labels, link } = one
  const at = one.at ?? received
  return {
    key: clean(one.key ?? digestOf({ what, service, environment, at: at.toISOString() }).slice(0, 32), 200),
    source: one.source ?? 'changes',
    what: clean(what, 500),
    service: service ? clean(service, 100) : null,
    environment: environment ? clean(environment, 100) : null,
    by: by ? clean(by, 100) : null,
    at,
    link: webAddress(link),
    labels,
  }
}
