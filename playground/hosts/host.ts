import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { createGenerations, listenForGenerations } from '../generations.js'
import { createLoopbackApi, orderSchema, Refusal } from '../loopback-api.js'
import { loadSaved, save } from '../saved.js'
import { listArtifacts, wantArtifact } from './artifacts.js'
import { healthOf } from './health.js'
import { createInstances, environmentOf } from './instances.js'
import { createMigrations } from './migrations.js'
import { emptyHostState, type HostConfig, hostStateSchema, type InstanceRecord, scopeOf } from './state.js'
import { vitalsOf } from './vitals.js'

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,159}$/)
const serviceSchema = orderSchema.extend({
  service: name,
  environment: name.default('prod'),
  version: name,
  artifact: z.string().optional(),
})
const putSchema = serviceSchema.extend({ env: z.record(z.string(), z.string()).default({}) })
const deleteSchema = orderSchema.extend({ graceMs: z.number().int().min(0).max(600_000).default(10_000) })

/** One host: runs instances of releases as processes that survive it. Not listening yet. */
export async function createHost(config: HostConfig, token: string) {
  const file = join(config.dir, 'agent.json')
  const state = loadSaved(file, hostStateSchema, emptyHostState())
  const persist = () => save(file, state)
  const generations = createGenerations(state.generations, persist)
  const instances = createInstances(config, state, persist)
  const migrations = createMigrations(state, persist)
  const app = createLoopbackApi({ part: 'host', name: config.name, mark: config.mark }, token)

  await instances.findAgain()
  instances.tend(Date.now())
  const tending = setInterval(() => instances.tend(Date.now()), 100)
  app.addHook('onClose', async () => clearInterval(tending))

  listenForGenerations(app, generations)
  app.get('/instances', async () => ({
    host: config.name,
    generations: state.generations,
    instances: await Promise.all(instances.list().map(shown)),
  }))
  app.put<{ Params: { id: string } }>('/instances/:id', async (request) => {
    const { artifact, ...order } = putSchema.parse(request.body)
    const id = name.parse(request.params.id)
    generations.admit(scopeOf(order.service, order.environment), order.generation)
    refuseTaken(state.instances[id], order)
    wantArtifact(config.releases, order.service, order.version, artifact)
    const { instance, fresh } = await instances.ensure({ ...order, id })
    return { fresh, instance: await shown(instance) }
  })
  app.delete<{ Params: { id: string } }>('/instances/:id', async (request) => {
    const { generation, graceMs } = deleteSchema.parse(request.body)
    const there = state.instances[request.params.id]
    if (there !== undefined) generations.admit(scopeOf(there.service, there.environment), generation)
    return instances.remove(request.params.id, graceMs)
  })
  app.post('/migrations', async (request) => {
    const { key, generation, service, environment, version, artifact } = serviceSchema.parse(request.body)
    generations.admit(scopeOf(service, environment), generation)
    const { folder } = wantArtifact(config.releases, service, version, artifact)
    return migrations.run(key, folder, environmentOf(config, service, environment))
  })
  app.get('/releases', async () => ({
    releases: listArtifacts(config.releases).map(({ folder: _, ...artifact }) => artifact),
  }))
  app.get<{ Params: { id: string }; Querystring: { tail?: string } }>('/instances/:id/log', async (request, reply) => {
    const log = instances.logFile(name.parse(request.params.id))
    if (!existsSync(log)) throw new Refusal(404, { error: 'no-log', message: 'there is no log of this instance' })
    const lines = Math.min(Number.parseInt(request.query.tail ?? '100', 10) || 100, 2000)
    return reply.type('text/plain').send(readFileSync(log, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'))
  })
  app.get('/vitals', () => vitalsOf(config.dir))
  app.post('/power-off', async () => {
    clearInterval(tending)
    await instances.powerOff(3000)
    return { off: true }
  })
  return app
}

/** Names are for one service in one environment: an order for another must not stop what runs under it. */
function refuseTaken(there: InstanceRecord | undefined, order: { service: string; environment: string }): void {
  if (there === undefined || scopeOf(there.service, there.environment) === scopeOf(order.service, order.environment))
    return
  throw new Refusal(409, {
    error: 'taken',
    message: `${there.id} is an instance of ${there.service} in ${there.environment}`,
  })
}

/** An instance as the API tells it. */
async function shown(instance: InstanceRecord) {
  const { state, reason } = await healthOf(instance)
  const { id, service, environment, version, port, key, generation, restarts, startedAt } = instance
  return {
    id,
    service,
    environment,
    version,
    url: `http://127.0.0.1:${port}`,
    pid: instance.process?.pid ?? null,
    state,
    ready: state === 'ready',
    reason,
    restarts,
    key,
    generation,
    startedAt,
  }
}
