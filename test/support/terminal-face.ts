import { systemClock } from '../../src/clock.js'
import type { Asker, Press } from '../../src/commands/command.js'
import type { Reply } from '../../src/commands/reply.js'
import { createHttpFace, type HttpParts } from '../../src/http/face.js'
import { digestOf } from '../../src/json.js'
import { createLog } from '../../src/log.js'
import { hashOfToken } from '../../src/releases/tokens.js'
import type { RunChanged } from '../../src/runs/ports.js'
import type { RunRecord, RunView, StepRecord } from '../../src/runs/run.js'
import type { AskStep, DoStep } from '../../src/runs/step.js'

export const token = 'shp_requester0000000000000000'
export const requester = { kind: 'person', id: 'U1', name: 'Ada' } as const

type Broken = { run: number; position: number; what: string }

/** A real HTTP face on a free port whose desk answers what the test tells it to, and remembers what it was asked. */
export async function startTerminalFace(changed: Partial<HttpParts> = {}) {
  const said: { words: string; command: string; asker: Asker }[] = []
  const pressed: { press: Press; asker: Asker }[] = []
  const runs = new Map<number, RunView>()
  const listeners = new Set<(changed: RunChanged) => void>()
  const logged: string[] = []
  const face = {
    reply: { kind: 'said', text: 'Nothing to say.' } as Reply,
    breaks: null as Error | null,
    broken: [] as Broken[],
  }
  const answer = async () => {
    if (face.breaks) throw face.breaks
    return face.reply
  }
  const http = createHttpFace({
    desk: {
      say: (words, command, asker) => {
        said.push({ words, command, asker })
        return answer()
      },
      press: (press, asker) => {
        pressed.push({ press, asker })
        return answer()
      },
    },
    runs: {
      view: async (run) => runs.get(run) ?? null,
      list: async () => [...runs.values()].map((view) => view.run),
    },
    tokens: {
      issue: async () => {},
      revoke: async () => true,
      list: async () => [],
      holder: async (hash) => (hash === hashOfToken(token) ? { person: requester, team: 'T1' } : null),
    },
    people: {
      standing: async (id) => ({ id, name: 'Ada', barred: null, groups: [], zone: null, asOf: systemClock.now() }),
    },
    deadMan: null,
    audit: { verify: async (run) => ({ rows: run ? 3 : 12, broken: face.broken }) },
    signals: {
      onRun: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
    },
    health: async () => ({
      database: { state: 'up', text: 'PostgreSQL 18.4' },
      queue: { state: 'up', text: 'on PostgreSQL' },
      slack: { state: 'down', text: 'no answer from slack.com' },
    }),
    port: 0,
    clock: systemClock,
    log: createLog('debug', { write: (line) => logged.push(line) }),
    ...changed,
  })
  const { url, port } = await http.listen()
  const put = (view: RunView) => {
    runs.set(view.run.id, view)
    for (const listener of listeners) listener({ run: view.run.id, epoch: view.run.epoch })
  }
  return { url, port, said, pressed, face, logged, put, listeners, close: () => http.close() }
}

const asked: AskStep = {
  key: 'approve',
  title: 'approval by release-managers',
  verb: 'ask',
  of: { groups: ['release-managers'], people: [], requester: 'excluded' },
  question: 'Deploy storefront v1.8.0 to prod?',
  answers: [{ label: 'Approve', value: 'approve' }],
  quorum: 1,
  expires: 900_000,
  timeout: 900_000,
  onFailure: 'stop',
}
const started: DoStep = {
  key: 'start',
  title: 'start 2 green instances',
  verb: 'do',
  action: 'hosts.start',
  with: {},
  timeout: 60_000,
  onFailure: 'undo',
}

/** Run #482, deploying storefront v1.8.0 to prod, waiting for approval; `change` alters its row and step states. */
export function deployRun(run: Partial<RunRecord> = {}, steps: { [key: string]: Partial<StepRecord> } = {}): RunView {
  const planned = [asked, started]
  const digest = digestOf(planned)
  const record: RunRecord = {
    id: 482,
    team: 'T1',
    intent: { job: 'deploy', service: 'storefront', environment: 'prod', input: { version: 'v1.8.0' } },
    state: 'waiting',
    epoch: 7,
    resources: ['storefront/prod'],
    priority: 0,
    requestedBy: requester,
    via: 'terminal',
    parent: null,
    plan: {
      version: 1,
      headline: {
        job: 'deploy',
        service: 'storefront',
        environment: 'prod',
        from: 'v1.7.3',
        to: 'v1.8.0',
        changes: [{ sha: '3f1c2ab', author: 'Grace', subject: 'cache prices' }],
        migrations: [{ name: '004', what: 'adds a column', safe: true }],
        risk: 'low',
        notes: [],
        undo: 'traffic back to v1.7.3',
      },
      pinned: {},
      steps: planned,
      observe: false,
      result: null,
      digest,
    },
    planRound: 1,
    planChanges: [],
    reason: null,
    ahead: 0,
    stopRequested: null,
    wakeAt: null,
    lockedBy: null,
    holdsLocks: false,
    createdAt: new Date('2026-11-23T10:00:00Z'),
    plannedAt: new Date('2026-11-23T10:00:01Z'),
    startedAt: null,
    endedAt: null,
    ...run,
  }
  const records = planned.map((step, position): StepRecord => {
    return { ...stepRecord(step, position), ...steps[step.key] }
  })
  return { run: record, steps: records, answers: [] }
}

function stepRecord(step: AskStep | DoStep, position: number): StepRecord {
  return {
    run: 482,
    key: step.key,
    position,
    step,
    state: step.verb === 'ask' ? 'waiting' : 'pending',
    round: 1,
    attempt: 1,
    evidence: null,
    output: {},
    progress: null,
    startedAt: null,
    endedAt: null,
    deadline: new Date('2026-11-23T10:15:00Z'),
    wakeAt: null,
    undoes: null,
    taken: null,
  }
}
