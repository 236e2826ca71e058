import { z } from 'zod'
import type { AlertNotice } from '../incidents/alert.js'
import { readGeneric } from './generic.js'
import { shipmateProof } from './proof.js'
import { clean, nothingRead, type Sender, webAddress } from './sender.js'

const id = z.union([z.string(), z.number()]).transform(String)
const failure = z.object({
  execution: z.object({
    id: id.nullish(),
    url: z.string().nullish(),
    error: z.object({ message: z.string().nullish() }).nullish(),
    lastNodeExecuted: z.string().nullish(),
    mode: z.string().nullish(),
  }),
  workflow: z.object({ id: id.nullish(), name: z.string().nullish() }),
})

/** n8n: what its Error Trigger hands on, as it is, or an alert in our own form. Signed by a Crypto node before it is sent. */
export const n8n: Sender = {
  source: 'n8n',
  path: '/alerts/n8n',
  claims: shipmateProof.claims,
  proves: shipmateProof.proves,
  read(body, { headers, at }) {
    const key = shipmateProof.key(headers)
    // Its HTTP node sends what a node hands on as a list of one.
    const failed = failure.safeParse(Array.isArray(body) ? body[0] : body)
    if (!failed.success) return readGeneric(body, 'n8n', key, at)
    return { ...nothingRead, key, notices: [noticeOf(failed.data, at)] }
  },
}

function noticeOf({ execution, workflow }: z.output<typeof failure>, at: Date): AlertNotice {
  const name = workflow.name ?? workflow.id ?? 'a workflow'
  const node = execution.lastNodeExecuted ? ` at ${execution.lastNodeExecuted}` : ''
  return {
    ...{ source: 'n8n', fingerprint: clean(`workflow:${workflow.id ?? name}`, 200), group: null, state: 'firing' },
    title: clean(`Workflow ${name} failed${node}`),
    text: clean(execution.error?.message ?? 'n8n gave no reason', 4_000),
    ...{ severity: 'SEV3', service: null, environment: null, link: webAddress(execution.url) },
    labels: { workflow: clean(name, 200), ...(execution.mode ? { mode: clean(execution.mode, 50) } : {}) },
    ...{ startedAt: at, endedAt: null, data: execution.id ? { execution: clean(execution.id, 100) } : {} },
  }
}
