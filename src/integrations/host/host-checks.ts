import { z } from 'zod'
import { type Check, type CheckResult, defineCheck } from '../../runs/abilities.js'
import { type At, at, share } from '../watched/inputs.js'
import { notSetUp, type WatchedParts } from '../watched/parts.js'
import { bytes, percent } from '../watched/words.js'
import type { LocalMachine, Machine, Vitals } from './vitals.js'
import { machinesOf } from './vitals.js'

type Reading = { where: string; share: number; words: string }

const most = (usual: number) => z.object({ ...at, maxShare: share.default(usual) })

/** How full disks are, how much memory is taken, and whether more wants to run than can. */
export function hostChecks(parts: WatchedParts, local: LocalMachine): Check[] {
  const machines = machinesOf(parts, local)
  const check = <Input extends At & { maxShare?: number | undefined }>(
    name: string,
    input: z.ZodType<Input>,
    read: (vitals: Vitals) => Reading[],
    { usual, next }: { usual: number; next: string },
  ) =>
    defineCheck<Input>({
      name,
      input,
      async run(given, { signal }) {
        const found = await machines(given, signal)
        if (found.length === 0) return notSetUp(given, 'disk')
        return verdict(found, read, given.maxShare ?? usual, next)
      },
    })
  return [
    check('host.disk', most(0.85), disksOf, { usual: 0.85, next: 'Clean up old files, or give it a larger disk.' }),
    check('host.memory', most(0.9), memoryOf, {
      usual: 0.9,
      next: 'Find who takes it; restart the service if it leaks.',
    }),
    check('host.load', z.object(at), loadOf, { usual: 2, next: 'Find who is busy, or add instances elsewhere.' }),
  ]
}

const disksOf = ({ disks }: Vitals): Reading[] =>
  disks.map(({ path, used, size }) => ({
    where: ` ${path}`,
    share: size === 0 ? 0 : used / size,
    words: `${bytes(used)} of ${bytes(size)}`,
  }))

const memoryOf = ({ memory: { used, size } }: Vitals): Reading[] => [
  { where: '', share: size === 0 ? 0 : used / size, words: `${bytes(used)} of ${bytes(size)} memory` },
]

const loadOf = ({ load: { minute, processors } }: Vitals): Reading[] => [
  { where: '', share: minute / processors, words: `load ${minute.toFixed(1)} on ${processors} processors` },
]

function verdict(machines: Machine[], read: (vitals: Vitals) => Reading[], limit: number, next: string): CheckResult {
  const readings = machines.flatMap(({ name, vitals }) =>
    vitals ? read(vitals).map((reading) => ({ ...reading, where: `${name}${reading.where}` })) : [],
  )
  const silent = machines.filter(({ problem }) => problem !== null)
  const [worst] = [...readings].sort((a, b) => b.share - a.share)
  const details = {
    readings: readings.map(({ where, share, words }) => ({ where, share: percent(share), words })),
    ...(silent.length > 0 && { silent: silent.map(({ name, problem }) => `${name}: ${problem}`) }),
  }
  if (worst === undefined)
    return { outcome: 'error', summary: silent.map(({ problem }) => problem).join('; '), details }
  const figures = { value: percent(worst.share), limit: percent(limit) }
  const summary = `${worst.where}: ${worst.words} (${figures.value}, limit ${figures.limit})`
  const also = silent.length > 0 ? `; ${silent.map(({ name }) => name).join(', ')} cannot be asked` : ''
  if (worst.share > limit)
    return { outcome: 'fail', summary: `${summary}${also}`, ...figures, details, next, output: { share: worst.share } }
  // What could not be looked at may be the full one.
  const outcome = silent.length > 0 ? 'error' : worst.share > limit * 0.9 ? 'warn' : 'pass'
  return { outcome, summary: `${summary}${also}`, ...figures, details, output: { share: worst.share } }
}
