import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { BackupEngine, TakeOrder } from '../../../src/backups/engine.js'
import type { JsonObject } from '../../../src/json.js'
import { contextFor, type EngineRig } from './engine-rig.js'

type Task = { module: string; settings: JsonObject; order: TakeOrder }

/** Starts a backup in a process of its own; resolves when it has told its first progress. */
export async function takeElsewhere({ remake }: EngineRig, order: TakeOrder): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('../../../dist/test/support/backups/killed-take.js', import.meta.url))
  const child = fork(program, [JSON.stringify({ ...remake, order })], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const gone = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the process that takes a backup ended with ${code ?? signal}`)
  })
  gone.catch(() => {})
  await Promise.race([once(child, 'message'), gone])
  return child
}

export async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { module, settings, order } = JSON.parse(process.argv[2] ?? '') as Task
  const { makeEngine } = (await import(module)) as { makeEngine(settings: JsonObject): Promise<BackupEngine> }
  const engine = await makeEngine(settings)
  const context = contextFor()
  context.onProgress = () => void process.send?.('going on')
  await engine.take(order, context)
  process.send?.('taken')
  process.exit(0)
}
