import type { Clue, Found, Scene } from '../../incidents/clues.js'
import { type Impact, type IncidentView, nameOf, type Suspect } from '../../incidents/incident.js'
import { proposed } from '../../incidents/severity.js'
import type { NewEntry } from '../../incidents/timeline.js'
import type { KeeperParts, Look } from './keeping.js'

/** A look that takes longer is said to have told nothing. */
const patience = 5_000
/** While it is young an incident is looked at again and again: what broke it may show later. */
const lookedFor = 15 * 60_000
const most = 8

/** What may have caused it and whom it hurts, from every clue at once; the best evidence first. */
export async function firstLook(
  parts: KeeperParts,
  view: IncidentView,
  clues: readonly Clue[],
  stop: AbortSignal,
): Promise<Look> {
  const { incident } = view
  const now = parts.clock.now()
  const isFirst = incident.impact === null && view.suspects.length === 0
  if (!isFirst && now.getTime() - incident.declaredAt.getTime() > lookedFor) return () => null
  const scene: Scene = {
    service: incident.service,
    environment: incident.environment,
    since: incident.impact?.since ?? incident.declaredAt,
    now,
    openedBy: incident.source.kind === 'alert' ? incident.source.alert : null,
  }
  const found = await Promise.all(
    clues.map((clue) => looked(parts, clue.name, (signal) => clue.look(scene, signal), stop)),
  )
  const suspects = ranked(found.flatMap((one) => one.suspects))
  const recovering = await recoveringSince(parts, view)
  const felt = found.flatMap((one) => one.impact ?? [])
  const impact = joinedImpact(felt)
  return ({ view: newest, now: at }) => {
    const recoveries = newest.runs.filter(({ part }) => part === 'recovery').map(({ run }) => run)
    const isCause = (one: Suspect) =>
      one.run === null ? !(recovering && isConsequence(one, recovering)) : !recoveries.includes(one.run)
    const causes = suspects.filter(isCause)
    const entries = news(newest, causes, at)
    const proposal = impact ? proposed(impact) : null
    const { impact: before, severity } = newest.incident
    // Proposed once, when the first figure is known: whoever decided otherwise is not asked again.
    const isFirstFigure = before === null || (before.requests === null && (before.users ?? 0) === 0)
    const differs = isFirstFigure && proposal && proposal.severity !== severity
    return {
      suspects: keptFirst(newest.suspects.filter(isCause), causes),
      set: {
        ...(impact && { impact: worstKept(before, impact, felt) }),
        ...(differs && { proposal }),
      },
      timeline: [...entries, ...(impact && before === null ? [impactTold(impact.text, impact.since ?? at)] : [])],
      runs: causes.flatMap(({ run }) =>
        run !== null && !newest.runs.some((one) => one.run === run) ? [{ run, part: 'suspect' as const }] : [],
      ),
    }
  }
}

/** When the first recovery began to do something: what a pause or a stopped server breaks since then caused nothing. */
async function recoveringSince({ runs }: KeeperParts, view: IncidentView): Promise<Date | null> {
  const recoveries = view.runs.filter(({ part }) => part === 'recovery')
  const views = await Promise.all(recoveries.map(({ run }) => runs.view(run)))
  const began = views.flatMap((one) => one?.run.startedAt?.getTime() ?? [])
  return began.length > 0 ? new Date(Math.min(...began)) : null
}

const isConsequence = ({ kind, at }: Suspect, since: Date): boolean =>
  (kind === 'error' || kind === 'alert') && at !== null && at >= since

async function looked(
  { clock, log }: KeeperParts,
  name: string,
  look: (signal: AbortSignal) => Promise<Found>,
  stop: AbortSignal,
): Promise<Found> {
  const over = new AbortController()
  const signal = AbortSignal.any([stop, over.signal])
  const nothing: Found = { suspects: [], impact: null, skipped: null }
  try {
    const work = look(signal)
    work.catch(() => {})
    const late = clock.sleep(patience, signal).then(() => ({ ...nothing, skipped: 'it took too long' }))
    return await Promise.race([work, late])
  } catch (thrown) {
    log.warn({ clue: name, err: thrown }, 'a place where causes are looked for could not be looked at')
    return { ...nothing, skipped: 'it could not be looked at' }
  } finally {
    over.abort()
  }
}

/** Requests, people and counts are told by different places, and are one impact. */
export function joinedImpact(found: Impact[]): Impact | null {
  if (found.length === 0) return null
  const evidence = found.flatMap((one) => one.evidence)
  // Counts that are as usual say nothing for the head of a card.
  const said = found.flatMap(({ text }) => (text === '' ? [] : [text]))
  const isMeasured = found.some(({ requests, users }) => requests !== null || users !== null)
  if (said.length === 0 && !isMeasured) return null
  return {
    text: said.length > 0 ? said.join('; ') : evidence.join('; '),
    requests: found.find(({ requests }) => requests !== null)?.requests ?? null,
    users: found.find(({ users }) => users !== null)?.users ?? null,
    since: found.find(({ since }) => since !== null)?.since ?? null,
    evidence,
  }
}

/** What it was at its worst, and since when, is not forgotten when it is over. `found`: what `now` was joined from. */
function worstKept(before: Impact | null, now: Impact, found: Impact[]): Impact {
  if (!before?.since) return now
  const requests = Math.max(before.requests ?? 0, now.requests ?? 0)
  const users = before.users === null && now.users === null ? null : Math.max(before.users ?? 0, now.users ?? 0)
  if (now.since) return { ...now, requests, users, since: before.since }
  // Requests that nobody could measure now are not back to usual.
  if (now.requests === null) return { ...before, users }
  const worst = `${Number((requests * 100).toPrecision(3))} %`
  const still = found.flatMap((one) => (one.requests === null && one.text !== '' ? [one.text] : []))
  if (still.length > 0)
    return {
      ...before,
      users,
      text: `Requests are back to usual, at worst ${worst} of them were hit; ${still.join('; ')}`,
    }
  return { ...before, text: `Back to usual; at worst ${worst} of requests were hit` }
}

/** Best first, each cause once; at one score the younger change is the likelier one. */
export function ranked(suspects: Suspect[]): Suspect[] {
  const best = new Map<string, Suspect>()
  for (const suspect of suspects) {
    const known = best.get(suspect.key)
    if (!known || known.score < suspect.score) best.set(suspect.key, suspect)
  }
  return [...best.values()]
    .sort((a, b) => b.score - a.score || (b.at?.getTime() ?? 0) - (a.at?.getTime() ?? 0))
    .slice(0, most)
}

/** A deploy that was suspected stays in sight although a later look ranks others. */
function keptFirst(before: Suspect[], now: Suspect[]): Suspect[] {
  if (now.length === 0) return before
  const gone = before.filter(({ run, key }) => run !== null && !now.some((one) => one.key === key))
  return [...now, ...gone].slice(0, most)
}

const news = (view: IncidentView, suspects: Suspect[], at: Date): NewEntry[] =>
  suspects
    .filter(({ key }) => !view.suspects.some((one) => one.key === key))
    .map((suspect) => ({
      key: `suspect:${suspect.key}`,
      kind: 'suspect',
      at,
      by: null,
      text: `May have caused ${nameOf(view.incident.id)}: ${suspect.text}`,
      data: { evidence: suspect.evidence, score: suspect.score },
    }))

const impactTold = (text: string, at: Date): NewEntry => ({ key: 'impact', kind: 'impact', at, by: null, text })
