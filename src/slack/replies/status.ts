import type { EnvironmentStatus } from '../../commands/reply.js'
import { type Message, message, section } from '../blocks.js'
import { signs } from '../cards/signs.js'
import { lockLine } from '../locks/lock-line.js'
import { momentToken } from '../moment.js'
import { quote } from '../text.js'
import { runLine } from './runs.js'

/** What serves where, what is under way and who holds what: one block an environment. */
export function statusMessage(environments: EnvironmentStatus[], now: Date): Message {
  if (environments.length === 0)
    return message('There is nothing to show.', [section('The operator’s file places no service that you may see.')])
  const words = environments.flatMap(({ environment, services }) =>
    services.map(({ service, serving }) => quote(`${service} ${serving ?? 'nothing'} in ${environment}`, 100)),
  )
  return message(
    `Serving: ${words.join(', ')}.`,
    environments.slice(0, 40).map((one) => section(...environmentLines(one, now))),
  )
}

function environmentLines({ environment, mode, services }: EnvironmentStatus, now: Date): string[] {
  const title = `*${quote(environment, 40)}*${mode === 'observe' ? ' · observe mode, nothing is changed' : ''}`
  return [title, ...services.flatMap((service) => serviceLines(service, now))]
}

type ServiceStatus = EnvironmentStatus['services'][number]

function serviceLines(status: ServiceStatus, now: Date): string[] {
  const lock = status.lock
  return [
    servingLine(status, now),
    ...status.live.map((run) => `   ${runLine(run, now)}`),
    ...(lock ? [`   ${signs.people} ${lockLine(lock, now)}`] : []),
  ]
}

function servingLine({ service, serving, since, instances, problem }: ServiceStatus, now: Date): string {
  if (problem !== null) return `${signs.warning} ${quote(service, 40)}: ${quote(problem, 200)}`
  if (serving === null) return `${signs.skipped} ${quote(service, 40)}: nothing serves`
  const short = instances && instances.ready < instances.wanted
  const count = instances ? ` · ${instances.ready} of ${instances.wanted} ready` : ''
  return `${short ? signs.warning : signs.done} ${quote(service, 40)} *${quote(serving, 40)}*${count}${since ? ` · since ${momentToken(since, now)}` : ''}`
}
