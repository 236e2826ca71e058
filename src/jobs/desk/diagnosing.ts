import type { Gate, Reply } from '../../commands/reply.js'
import { guidesAgainst } from '../../incidents/guides/suggest-guides.js'
import { placementOf } from '../../releases/catalogue.js'
import { diagnosisChecks } from '../../releases/watch.js'
import type { CheckOutcome } from '../../runs/abilities.js'
import type { IncidentDeskParts } from '../incidents/parts.js'
import { lookedAt } from '../looked-at.js'
import { knownNames } from './parts.js'
import { counted } from './wording.js'

/** Worst first; what was not looked at is no finding. */
const order: CheckOutcome[] = ['fail', 'error', 'warn', 'pass']

/**
 * "What is broken?": every check of the operator's file at once, each for at most eight seconds. `begins` is the finding
 * nearest to the ground: a database that is away breaks what visitors see, and never the other way round.
 */
export async function diagnosis(
  parts: IncidentDeskParts,
  place: { service?: string; environment: string },
): Promise<Extract<Reply, { kind: 'diagnosis' | 'said' }>> {
  const { catalogue, clock } = parts
  const { environment } = place
  const service = place.service ?? knownNames(catalogue).usual(environment) ?? ''
  if (!placementOf(catalogue, service, environment))
    return { kind: 'said', text: `${service || 'That service'} does not run in ${environment}.` }
  const began = clock.now().getTime()
  const never = new AbortController().signal
  const looked = await Promise.all(
    diagnosisChecks(catalogue, service, environment).map(async (check): Promise<Gate & { check: string }> => {
      const { outcome, ...evidence } = await lookedAt(parts, check, { key: `diagnosis/${check.key}`, stop: never })
      return { title: check.title, outcome, evidence, check: check.check }
    }),
  )
  const found = looked.filter(({ outcome }) => outcome !== 'skip')
  const begins = found.find(({ outcome }) => outcome === 'fail') ?? null
  return {
    ...{ kind: 'diagnosis', service, environment, begins, verdict: begins ? 'it may begin here.' : verdictOf(found) },
    helps: begins ? await helping(parts, begins.check) : [],
    findings: order.flatMap((wanted) => found.filter(({ outcome }) => outcome === wanted)),
    skipped: looked.filter(({ outcome }) => outcome === 'skip').map(({ title }) => title),
    tookMs: clock.now().getTime() - began,
  }
}

const mostHelps = 2

/** A guide that cannot be read hides no finding. */
async function helping(
  { incidents, log }: IncidentDeskParts,
  check: string,
): Promise<{ name: string; title: string }[]> {
  try {
    const found = guidesAgainst(check, await incidents.guides.all())
    return found.slice(0, mostHelps).map(({ name, title }) => ({ name, title }))
  } catch (thrown) {
    log.info({ check, err: thrown }, 'which guide repairs it could not be told')
    return []
  }
}

/** Where no check fails. */
function verdictOf(found: Gate[]): string {
  if (found.length === 0) return 'nothing is set up that could be looked at. The operator’s file says what to watch.'
  const blind = found.filter(({ outcome }) => outcome === 'error').length
  if (blind > 0) return `nothing is found broken, and ${counted(blind, 'check')} could not tell.`
  return found.some(({ outcome }) => outcome === 'warn') ? 'nothing is broken, with warnings.' : 'nothing is broken.'
}
