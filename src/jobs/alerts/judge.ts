import type { AlertRecord } from '../../incidents/alert.js'
import {
  absorbedInto,
  declarationOf,
  endedIn,
  joined,
  overWords,
  senderOf,
  stormOpened,
} from '../../incidents/alerts/folding.js'
import { judged, type Storm, type Verdict } from '../../incidents/alerts/judging.js'
import type { AlertStanding } from '../../incidents/alerts/ports.js'
import { type Routed, routed } from '../../incidents/alerts/rules.js'
import type { IncidentId, Severity } from '../../incidents/incident.js'
import { shownDuration } from '../../releases/durations.js'
import { type AlertParts, changeIncident } from './parts.js'

export type AlertJudge = {
  /** Judges what came, soon and in its turn; never rejects. */
  kick(): void
  /** Judges all that is unjudged; resolves when it is done. For the keeper, as often as it likes. */
  judgeAll(): Promise<number>
  /** Waits for what is under way. */
  settled(): Promise<void>
}

const batch = 200
/** A message is taken up again by the same alert for so long; after that nobody would see it change. */
const sameMessage = 24 * 3_600_000

/**
 * Says what becomes of alerts, one at a time of all processes, oldest first: whoever comes later sees what was decided
 * before. What a process that died left undone is judged by the next one.
 */
export function createAlertJudge(parts: AlertParts): AlertJudge {
  const { turns, book, clock, log } = parts
  let running: Promise<void> | null = null
  let again = false

  async function judgeAll(): Promise<number> {
    let count = 0
    for (;;) {
      const done = await turns.inTurn(() => judgeBatch(parts))
      count += done
      if (done < batch) return count
    }
  }

  /** Repeats of what is known need no turn. */
  const look = async () => ((await book.unjudged(clock.now(), 1)).length === 0 ? 0 : judgeAll())

  async function loop(): Promise<void> {
    do {
      again = false
      try {
        await look()
      } catch (thrown) {
        log.warn({ err: thrown }, 'alerts were kept and could not be judged yet; they are looked at again')
      }
    } while (again)
    running = null
  }

  return {
    kick: () => {
      again = true
      running ??= loop()
    },
    judgeAll: look,
    settled: async () => {
      await running
    },
  }
}

async function judgeBatch(parts: AlertParts): Promise<number> {
  const standings = await parts.book.unjudged(parts.clock.now(), batch)
  let done = 0
  for (const standing of standings) {
    try {
      await judgeOne(parts, standing)
      done += 1
    } catch (thrown) {
      // One that cannot be judged keeps nobody else waiting; it is looked at again.
      parts.log.error({ alert: standing.alert.id, err: thrown }, 'an alert could not be judged')
    }
  }
  // All of them failing must not go round in a circle.
  return done === 0 ? 0 : standings.length
}

async function judgeOne(parts: AlertParts, standing: AlertStanding): Promise<void> {
  const { rules, names, book, reads, silences, settings, clock } = parts
  const now = clock.now()
  const { alert } = standing
  const { window } = settings.storm
  const found = routed(alert.labels, rules, names)
  const since = new Date(alert.startedAt.getTime() - window)
  const [around, open, inForce] = await Promise.all([
    book.around(alert, since),
    reads.openAt(null, null),
    silences.inForce(now),
  ])
  const channel = alert.environment === null ? null : parts.channelOf(alert.environment)
  const sight = {
    standing,
    routed: found,
    around,
    open,
    silences: inForce,
    window,
    storm: rules.storm.services,
    channel,
    now,
  }
  await carryOut(parts, standing, found, judged(sight))
}

async function carryOut(
  parts: AlertParts,
  { alert, told }: AlertStanding,
  found: Routed,
  verdict: Verdict,
): Promise<void> {
  const { book, clock } = parts
  const now = clock.now()
  if (verdict.kind === 'fold') return fold(parts, alert, verdict)
  if (verdict.kind === 'declare') return declare(parts, alert, verdict)
  if (verdict.kind === 'silence') return book.judged(alert.id, { told: 'silence', silencedUntil: verdict.until }, now)
  if (verdict.kind === 'nobody') return book.judged(alert.id, { told: 'nobody' }, now)
  if (verdict.kind === 'message') {
    const reply = verdict.again ? { key: `fires:${alert.id}`, text: 'It fires again.' } : null
    await book.tell(alert.id, verdict.channel, reply, new Date(now.getTime() - sameMessage), now)
    return book.judged(alert.id, { told: 'message' }, now)
  }
  if (alert.incident !== null) await changeIncident(parts, alert.incident, (view) => endedIn(view, alert, now))
  if (told === 'message') await tellEnd(parts, alert, found, now)
  return book.judged(alert.id, { told: told ?? 'nobody' }, now)
}

async function tellEnd(
  { book, channelOf }: AlertParts,
  alert: AlertRecord,
  { channel }: Routed,
  now: Date,
): Promise<void> {
  const to = channel ?? (alert.environment === null ? null : channelOf(alert.environment))
  if (to === null) return
  const lasted = shownDuration((alert.endedAt ?? now).getTime() - alert.startedAt.getTime())
  const reply = { key: `ended:${alert.id}`, text: `It ${overWords(alert, lasted)}` }
  await book.tell(alert.id, to, reply, new Date(now.getTime() - sameMessage), now)
}

async function fold(
  parts: AlertParts,
  alert: AlertRecord,
  { incident, why, storm, absorb }: Extract<Verdict, { kind: 'fold' }>,
): Promise<void> {
  const now = parts.clock.now()
  await parts.alerts.change(alert.id, { incident })
  await changeIncident(parts, incident, (view) => joined(view, alert, { why, storm, now }))
  for (const other of absorb) await absorbOne(parts, other, incident, alert)
  await parts.book.judged(alert.id, { told: 'incident', incident }, now)
}

async function absorbOne(parts: AlertParts, other: IncidentId, into: IncidentId, alert: AlertRecord): Promise<void> {
  const now = parts.clock.now()
  const by = senderOf(alert)
  await changeIncident(parts, other, (view) =>
    view.incident.state === 'open' ? absorbedInto(view, into, by, now) : null,
  )
  for (const moved of await parts.alerts.list({ incident: other, limit: 1_000 })) {
    await parts.alerts.change(moved.id, { incident: into })
    await changeIncident(parts, into, (view) => joined(view, moved, { why: 'belongs to the storm', storm: null, now }))
  }
}

/** The incident that an alert opens; the same firing always opens the same one. */
export async function declare(
  parts: AlertParts,
  alert: AlertRecord,
  { severity, storm }: { severity: Severity; storm: Storm | null },
): Promise<void> {
  const { settings, clock, rows, book, alerts } = parts
  const now = clock.now()
  const team = await parts.team()
  const { incident } = await rows.declare(declarationOf(alert, storm, { team, severity, settings, now }))
  await alerts.change(alert.id, { incident: incident.id })
  const every = settings.severities[severity].updateEvery
  await changeIncident(parts, incident.id, (view) => {
    const change = joined(view, alert, { why: 'fires', storm: null, now })
    const promised = every === null ? null : new Date(now.getTime() + every)
    const set = { ...change.set, ...(view.incident.nextUpdate === null ? { nextUpdate: promised } : {}) }
    return { ...change, set, posts: [...(change.posts ?? []), ...(storm ? [stormOpened(storm)] : [])] }
  })
  await book.judged(alert.id, { told: 'incident', incident: incident.id }, now)
}
