import { applied } from '../../src/runs/applied.js'
import type {
  AuditEntry,
  Claim,
  LockHolder,
  Order,
  Post,
  RunChange,
  RunChanged,
  RunDesk,
  RunStore,
  Signals,
} from '../../src/runs/ports.js'
import { type AnswerRecord, hasEnded, type RunId, type RunRecord, type RunView } from '../../src/runs/run.js'

/**
 * Rows in memory for tests of the engine's decisions: thousands of runs a second, and a worker that can be killed at
 * any write. The promises of the real store are tested on PostgreSQL, in test/store.
 */
export function createMemoryStore() {
  const rows = new Map<RunId, RunView>()
  const keys = new Map<string, RunId>()
  const claims = new Map<RunId, { epoch: number; lose: AbortController }>()
  const locks = new Map<string, RunId>()
  const listeners = new Set<(changed: RunChanged) => void>()
  const posts: (Post & { run: RunId })[] = []
  const audit: (AuditEntry & { run: RunId })[] = []
  const history: { run: RunId; change: RunChange }[] = []
  let epochs = 0
  /** Called before each fenced write; throwing or killing the claim here is a crash at that point. */
  const faults = { beforeWrite: (_run: RunId, _change: RunChange): void => {} }

  const tell = (run: RunId, epoch: number | null) => {
    for (const listener of listeners) listener({ run, epoch })
  }
  const viewOf = (run: RunId): RunView | null => {
    const view = rows.get(run)
    return view ? { ...view, run: { ...view.run, ahead: aheadOf(view.run) } } : null
  }
  const aheadOf = (run: RunRecord): number =>
    [...rows.values()].filter(({ run: other }) => {
      if (other.id === run.id || hasEnded(other.state) || !other.resources.some((name) => run.resources.includes(name)))
        return false
      const earlier = other.priority > run.priority || (other.priority === run.priority && other.id < run.id)
      return other.holdsLocks || earlier
    }).length

  const runs: RunStore = {
    async claim(run) {
      const view = rows.get(run)
      if (!view || hasEnded(view.run.state) || claims.has(run)) return null
      const lose = new AbortController()
      const epoch = ++epochs
      claims.set(run, { epoch, lose })
      rows.set(run, { ...view, run: { ...view.run, epoch } })
      return { run, epoch, lost: lose.signal }
    },
    async release(claim) {
      if (claims.get(claim.run)?.epoch === claim.epoch) claims.delete(claim.run)
    },
    load: async (run) => viewOf(run),
    async write(claim, change) {
      faults.beforeWrite(claim.run, change)
      const view = rows.get(claim.run)
      if (!view || view.run.epoch !== claim.epoch || hasEnded(view.run.state)) return false
      const next = applied(view, change)
      if (change.plan || change.ended) unlock(claim.run)
      rows.set(claim.run, { ...next, run: { ...next.run, ahead: 0 } })
      history.push({ run: claim.run, change })
      for (const post of change.posts ?? []) {
        if (!posts.some(({ run, key }) => run === claim.run && key === post.key))
          posts.push({ ...post, run: claim.run })
      }
      for (const entry of change.audit ?? []) audit.push({ ...entry, run: claim.run })
      tell(claim.run, claim.epoch)
      return true
    },
    async lock(claim) {
      const view = rows.get(claim.run)
      if (!view) throw new Error('no such run')
      const taken = view.run.resources.find((name) => locks.has(name) && locks.get(name) !== claim.run)
      if (taken) return { ok: false, holder: holderOf(taken) }
      for (const name of view.run.resources) locks.set(name, claim.run)
      rows.set(claim.run, { ...view, run: { ...view.run, holdsLocks: true } })
      return { ok: true }
    },
    async due(now) {
      const open = [...rows.values()].filter(({ run }) => !hasEnded(run.state) && !claims.has(run.id))
      return open.filter(({ run }) => isDue({ ...run, ahead: aheadOf(run) }, now)).map(({ run }) => run.id)
    },
  }

  function isDue(run: RunRecord, now: Date): boolean {
    if (run.state === 'planning' || run.state === 'running') return true
    if (run.wakeAt !== null) return run.wakeAt <= now
    if (run.state === 'undoing') return true
    if (run.reason?.code === 'lock-held') return !run.resources.some((name) => locks.has(name))
    return run.stopRequested !== null || (run.state === 'queued' && run.ahead === 0)
  }
  function unlock(run: RunId): void {
    for (const [name, holder] of locks) if (holder === run) locks.delete(name)
  }
  const holderOf = (resource: string): LockHolder => ({
    resource,
    run: locks.get(resource) ?? null,
    by: { kind: 'person', id: 'U0', name: 'somebody' },
    reason: '',
    since: new Date(0),
    expires: null,
  })

  const desk: RunDesk = {
    async submit(order) {
      const known = keys.get(order.requestKey)
      const seen = known === undefined ? undefined : rows.get(known)
      if (seen) return { run: seen.run, fresh: false }
      const run = queuedRun(rows.size + 1, order)
      rows.set(run.id, { run, steps: [], answers: [] })
      keys.set(order.requestKey, run.id)
      return { run, fresh: true }
    },
    async find(team, requestKey) {
      const run = rows.get(keys.get(requestKey) ?? 0)?.run
      return run?.team === team ? run : null
    },
    async answer(answer: AnswerRecord) {
      const view = rows.get(answer.run)
      const step = view?.steps.find(({ key }) => key === answer.step)
      if (!view || !step) return { accepted: false, why: 'no such step', answers: [] }
      if (step.state !== 'waiting') return { accepted: false, why: 'closed', answers: view.answers }
      if (step.round !== answer.round) return { accepted: false, why: 'other round', answers: view.answers }
      if (view.run.plan?.digest !== answer.digest) return { accepted: false, why: 'other plan', answers: view.answers }
      const answers = [...view.answers, answer]
      rows.set(answer.run, { ...view, answers })
      tell(answer.run, null)
      return { accepted: true, answers }
    },
    async touch({ kind, run, step: key, round, by, at }) {
      const view = rows.get(run)
      const step = view?.steps.find((one) => one.key === key)
      if (!view || !step) return 'no such step'
      if (hasEnded(view.run.state)) return 'closed'
      if (step.round !== round) return 'other round'
      const again = {
        state: 'pending' as const,
        round: round + 1,
        attempt: 0,
        endedAt: null,
        deadline: null,
        wakeAt: null,
      }
      const changed = { ...step, ...(kind === 'take' ? { taken: { by, at } } : again) }
      rows.set(run, { ...view, steps: view.steps.map((one) => (one === step ? changed : one)) })
      tell(run, null)
      return null
    },
    async requestStop(run, by, reason, at) {
      const view = rows.get(run)
      if (!view || hasEnded(view.run.state) || view.run.stopRequested) return false
      rows.set(run, { ...view, run: { ...view.run, stopRequested: { by, reason, at } } })
      tell(run, null)
      return true
    },
    view: async (run) => viewOf(run),
    list: async () => [...rows.values()].map(({ run }) => run),
  }
  const signals: Signals = {
    onRun(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }

  return {
    runs,
    desk,
    signals,
    posts,
    audit,
    history,
    faults,
    /** As a crash does it: the session is gone, the rows stay. */
    kill(run: RunId): void {
      claims.get(run)?.lose.abort()
      claims.delete(run)
    },
    /** Takes a lock for a run that is not there. */
    holdFor(resource: string, run: RunId): void {
      locks.set(resource, run)
    },
    letGo(resource: string): void {
      locks.delete(resource)
    },
    claimOf: (run: RunId): Claim | null => {
      const held = claims.get(run)
      return held ? { run, epoch: held.epoch, lost: held.lose.signal } : null
    },
  }
}

export type MemoryStore = ReturnType<typeof createMemoryStore>

function queuedRun(id: RunId, order: Order): RunRecord {
  return {
    id,
    team: order.team,
    intent: order.intent,
    state: 'queued',
    epoch: 0,
    resources: order.resources,
    priority: order.priority,
    requestedBy: order.requestedBy,
    via: order.via,
    parent: order.parent,
    plan: null,
    planRound: 0,
    planChanges: [],
    reason: null,
    ahead: 0,
    stopRequested: null,
    wakeAt: null,
    lockedBy: null,
    holdsLocks: false,
    createdAt: order.at,
    plannedAt: null,
    startedAt: null,
    endedAt: null,
  }
}
