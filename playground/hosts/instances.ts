import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { freePort, isFree } from '../../src/free-port.js'
import { findByMark, isAlive, startDetached, stopProcess } from '../processes.js'
import { loadSaved } from '../saved.js'
import { listArtifacts } from './artifacts.js'
import { envFileSchema, type HostConfig, type HostState, type InstanceRecord, scopeOf } from './state.js'
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
      const fall = fellAgain(falls.get(instance.id) ?? { at: now, times: 0, startedAgainAt: null }, now)
      falls.set(instance.id, fall)
      if (now >= fall.at + pauseAfter(fall.times)) void inTurn(instance.id, () => startAgain(instance, now))
    }
  }
  const falls = new Map<string, Fall>()
  let off = false

  async function startAgain(instance: InstanceRecord, now: number): Promise<void> {
    const fall = falls.get(instance.id)
    const there = !off && state.instances[instance.id] === instance && instance.wanted === 'running'
    if (!there || (instance.process && isAlive(instance.process)) || fall === undefined) return
    // Somebody else may have taken the port while nothing of ours listened on it.
    if (!(await isFree(instance.port))) instance.port = await freePort()
    instance.restarts += 1
    falls.set(instance.id, { ...fall, startedAgainAt: now })
    launch(instance)
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
      off = true
      const running = Object.values(state.instances).flatMap((instance) => instance.process ?? [])
      await Promise.all(running.map((process) => stopProcess(process, graceMs)))
    },
  }
}
export type Instances = ReturnType<typeof createInstances>

type Fall = { at: number; times: number; startedAgainAt: number | null }

/** The first look after a new start that fell too counts one fall more; one that stood long enough starts anew. */
function fellAgain(fall: Fall, now: number): Fall {
  if (fall.startedAgainAt === null) return fall
  const steady = now - fall.startedAgainAt > steadyAfter
  return { at: now, times: steady ? 0 : fall.times + 1, startedAgainAt: null }
}

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
  }
}

/** What a service's processes get to see: nothing of the agent's own environment but where programs are. */
export function environmentOf(config: HostConfig, service: string, environment: string): { [name: string]: string } {
  return {
    PATH: process.env.PATH ?? '',
    NODE_ENV: 'production',
    ...loadSaved(config.envFile, envFileSchema, {})[scopeOf(service, environment)],
  }
}
