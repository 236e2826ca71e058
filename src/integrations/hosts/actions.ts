import { z } from 'zod'
import { failed } from '../../errors.js'
import { type Action, defineAction } from '../../runs/abilities.js'
import { announceTo, type ClientsOf, fenced, hostNamed, orderOf } from './clients.js'
import { migrateInput, startInput } from './inputs.js'
import { becameReady } from './ready.js'
import { retireAction } from './retire.js'
import { shiftAction } from './shift.js'
import { seconds } from './words.js'

/** What can be changed on hosts and their proxy. Every call carries the step's key and the worker's generation. */
export function hostsActions(clientsOf: ClientsOf): Action[] {
  return [
    migrateAction(clientsOf),
    startAction(clientsOf),
    retireAction('hosts.stop', clientsOf),
    shiftAction(clientsOf),
    retireAction('hosts.retire', clientsOf),
  ]
}

const migratedSchema = z.object({ ok: z.boolean(), output: z.string(), tookMs: z.number() })

const migrateAction = (clientsOf: ClientsOf) =>
  defineAction<z.infer<typeof migrateInput>>({
    name: 'hosts.migrate',
    input: migrateInput,
    fence: 'generation',
    announce: async (input, context) =>
      announceTo(hostNamed(await clientsOf(input.target), input.host), input, context),
    async run({ target, host, service, environment, version, artifact }, context) {
      const http = hostNamed(await clientsOf(target), host)
      const body = { ...orderOf(context), service, environment, version, artifact }
      const options = { signal: context.signal, timeoutMs: migrationLimit }
      const { ok, output, tookMs } = await fenced(http.post('/migrations', body, migratedSchema, options))
      const last = output.trim().split('\n').at(-1) ?? ''
      if (!ok)
        throw failed('migration-failed', `the migrations of ${version} failed: ${last}`, {
          came: output.slice(-2000),
          next: 'Nothing serves the new version. Mend the migration and build a new release.',
        })
      return { evidence: { summary: `${last} in ${seconds(tookMs)}`, details: { output: output.slice(-2000) } } }
    },
  })

/** Longer than any step; the step's own timeout ends it before. */
const migrationLimit = 3_600_000

const startedSchema = z.object({
  fresh: z.boolean(),
  instance: z.object({ url: z.string(), pid: z.number().nullable() }),
})

const startAction = (clientsOf: ClientsOf) =>
  defineAction<z.infer<typeof startInput>>({
    name: 'hosts.start',
    input: startInput,
    fence: 'generation',
    announce: async (input, context) =>
      announceTo(hostNamed(await clientsOf(input.target), input.host), input, context),
    async run(input, context) {
      const { target, host, id, service, environment, version, artifact, ready } = input
      const clients = await clientsOf(target)
      const body = { ...orderOf(context), service, environment, version, ...(artifact === null ? {} : { artifact }) }
      const call = hostNamed(clients, host).put(`/instances/${id}`, body, startedSchema, { signal: context.signal })
      const { instance } = await fenced(call)
      const details = { instance: id, url: instance.url, pid: instance.pid }
      if (ready === 0) return { evidence: { summary: `${version} started on ${host}`, details } }
      const end = await becameReady(clients, { ...input, instances: [input], within: ready }, context)
      if (end.outcome === 'pass') return { evidence: { summary: `${version} runs on ${host}`, details } }
      throw failed('instance-not-ready', `${version} does not become ready on ${host}: ${end.summary}`, {
        details: { ...details, ...end.details },
        ...(end.next && { next: end.next }),
      })
    },
  })
