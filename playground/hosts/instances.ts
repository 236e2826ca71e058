import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { findByMark, isAlive, startDetached, stopProcess } from '../processes.js'
import { listArtifacts } from './artifacts.js'
import { freePort } from './probe.js'
import { type HostConfig, type HostState, type InstanceRecord, scopeOf } from './state.js'
import { createTurns } from './turns.js'

export type InstanceOrder = Pick<
  InstanceRecord,
  'id' | 'key' | 'generation' | 'service' | 'environment' | 'version' | 'env'
>

/** Keeps the instances of one host running: started once, found again after our death, restarted when they fall. */
export function createInstances(config: HostConfig, state: HostState, persist: () => void) {
  const inTurn = createTurns()
  const logFile = (id: string) => join(config.dir, 'logs', `${id}.log`)

  async function ensure(order: InstanceOrder): Promise<{ instance: InstanceRecord; fresh: boolean }> {
    const there = state.instances[order.id]
    if (there !== undefined && there.wanted === 'running' && there.version === order.version) {
      Object.assign(there, { key: order.key, generation: order.generation })
      persist()
      return { instance: there, fresh: false }
    }
    if (there?.process) await stopProcess(there.process, 1000)
    const instance = await newRecord(order)
    state.instances[order.id] = instance
    // On disk before the process exists: an agent that dies in between finds the process by its mark.
    persist()
    launch(instance)
    return { instance, fresh: true }
  }

  function launch(instance: InstanceRecord): void {
    const { service, environment, version, mark, port } = instance
    const artifact = listArtifacts(config.releases).find((item) => item.service === service && item.version === version)
    if (artifact === undefined) return
    instance.process = startDetached({
      script: join(artifact.folder, 'server.js'),
      args: [mark],
      cwd: artifact.folder,
      env: {
        ...environmentOf(config, service, environment),
        ...instance.env,
        PORT: String(port),
        HOST: '127.0.0.1',
        INSTANCE_ID: mark,
      },
      logFile: logFile(instance.id),
    })
    instance.startedAt = new Date().toISOString()
    persist()
  }

  async function remove(id: string, graceMs: number): Promise<{ was: 'running' | 'absent'; killed: boolean }> {
    const instance = state.instances[id]
    if (instance === undefined) return { was: 'absent', killed: false }
    instance.wanted = 'stopped'
    persist()
    const found = instance.process ?? findByMark(instance.mark)
    const killed = found !== null && (await stopProcess(found, graceMs)) === 'killed'
    delete state.instances[id]
    persist()
    return { was: 'running', killed }
  }

  /** Looks after every instance once: what fell is started again after a pause that grows with each fall. */
  function tend(now: number): void {
    for (const instance of Object.values(state.instances)) {
      if (instance.wanted !== 'running' || (instance.process && isAlive(instance.process))) continue
      instance.fell ??= { at: now, times: fallsSoFar(instance, now) }
      if (now < instance.fell.at + pauseAfter(instance.fell.times)) continue
      instance.restarts += 1
      const times = instance.fell.times
      launch(instance)
      instance.fell = null
      falls.set(instance.id, { times, startedAt: now })
    }
  }
  const falls = new Map<string, { times: number; startedAt: number }>()
  function fallsSoFar(instance: InstanceRecord, now: number): number {
    const last = falls.get(instance.id)
    return last === undefined || now - last.startedAt > steadyAfter ? 0 : last.times + 1
  }

  /** After a start of the agent: finds what is running, and finishes stops that were under way. */
  async function findAgain(): Promise<void> {
    for (const instance of Object.values(state.instances)) {
      if (instance.process === null || !isAlive(instance.process)) instance.process = findByMark(instance.mark)
      if (instance.wanted === 'stopped') await remove(instance.id, 1000)
    }
    persist()
  }

  return {
    ensure: (order: InstanceOrder) => inTurn(order.id, () => ensure(order)),
    remove: (id: string, graceMs: number) => inTurn(id, () => remove(id, graceMs)),
    list: () => Object.values(state.instances),
    tend,
    findAgain,
    logFile,
    /** Stops the processes and keeps the records: the next start of the agent brings them back. */
    async powerOff(graceMs: number): Promise<void> {
      const running = Object.values(state.instances).flatMap((instance) => instance.process ?? [])
      await Promise.all(running.map((process) => stopProcess(process, graceMs)))
    },
  }
}
export type Instances = ReturnType<typeof createInstances>

const steadyAfter = 30_000
const pauseAfter = (times: number) => Math.min(5000, 200 * 2 ** times)

async function newRecord(order: InstanceOrder): Promise<InstanceRecord> {
  return {
    ...order,
    port: await freePort(),
    mark: randomUUID(),
    process: null,
    wanted: 'running',
    restarts: 0,
    startedAt: new Date().toISOString(),
    fell: null,
  }
}

/** What a service's processes get to see: nothing of the agent's own environment but where programs are. */
export function environmentOf(config: HostConfig, service: string, environment: string): { [name: string]: string } {
  return {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    ...config.env[scopeOf(service, environment)],
  }
}
