import { describe, expect, it } from 'vitest'
import type { AlertRecord } from '../../../src/incidents/alert.js'
import type { IncidentView, Suspect } from '../../../src/incidents/incident.js'
import { sealPlan } from '../../../src/runs/plan.js'
import type { RunView, StepRecord } from '../../../src/runs/run.js'
import type { Step } from '../../../src/runs/step.js'
import { alertMessage } from '../../../src/slack/incidents/alert-message.js'
import { evidenceWord } from '../../../src/slack/incidents/card-head.js'
import { guideCard } from '../../../src/slack/incidents/guide-card.js'
import { incidentCard } from '../../../src/slack/incidents/incident-card.js'
import { decodeIncidentPress } from '../../../src/slack/incidents/incident-press.js'
import { decodePress } from '../../../src/slack/press-value.js'
import { incidentMessage, incidentsMessage, timelineMessage } from '../../../src/slack/replies/incidents.js'
import { marco, minute, rita, settings, viewWith } from '../../incidents/scene.js'
import { expectValidMessage } from '../../support/block-kit.js'
import { hostileTexts } from '../hostile-texts.js'
import { restoreScenes } from '../restore-scenes.js'
import { scene } from '../scenes.js'
import { buttonsIn, textOf } from '../text-of.js'

const now = minute(7)
const card = (view: IncidentView, guide: RunView | null = null) => {
  const drawn = incidentCard(view, { now, settings, guide })
  expectValidMessage(drawn)
  return drawn
}

const deploy: Suspect = {
  ...{ key: 'run:482', kind: 'deploy', text: 'deploy #482 storefront v1.8.0, 4 min before', score: 0.9, run: 482 },
  ...{ evidence: ['errors rose 40 s after it went live'], at: minute(-4) },
}
const impact = { text: 'p95 is 1.9 s (limit 300 ms)', requests: 0.38, users: null, since: minute(-2), evidence: [] }
const gate = [
  { key: 'probe', text: 'storefront answers', outcome: 'pass' as const, greenSince: minute(6), at: now },
  { key: 'errors', text: 'errors 4.8 % (limit 1 %)', outcome: 'fail' as const, greenSince: null, at: now },
]

const told = viewWith({ impact, nextUpdate: minute(30) }, { suspects: [deploy], gate, alerts: { all: 12, firing: 3 } })

describe('the card of an incident', () => {
  it('says while it has just been opened that it is looking', () => {
    const drawn = incidentCard(viewWith(), { now: minute(0.1), settings, guide: null })
    expect(textOf(drawn)).toContain('Looking at what changed')
    expect(drawn.text).toMatch(/^INC-31 SEV2 · Checkout is slow · open since/)
  })

  it('says above its suspects how one like it was solved before', () => {
    const seenBefore = 'Seen 3 times, last in INC-12; solved with the guide slow-application.'
    const drawn = incidentCard(told, { now, settings, guide: null, seenBefore })
    expectValidMessage(drawn)
    const words = textOf(drawn)
    expect(words).toContain('*Seen 3 times*, last in INC-12; solved with the guide slow-application.')
    expect(words.indexOf('Seen 3 times')).toBeLessThan(words.indexOf('*Suspects*'))
  })

  it('tells what is broken for whom, who does what, what may have caused it and what keeps it open', () => {
    const words = textOf(card(told)).replaceAll('\u200b', '')
    for (const part of [
      '*SEV2* · *Checkout is slow* · open since 14:00 UTC',
      'Now: p95 is 1.9 s (limit 300 ms) (38 % of requests), since 13:58 UTC.',
      'Next update due 14:30 UTC',
      'deploy #482 storefront v1.8.0, 4 min before',
      'errors rose 40 s after it went live',
      '*Commander* _unclaimed_',
      '3 firing of 12',
      '1 of 2 checks green',
      '✗ errors 4.8 % (limit 1 %)',
    ])
      expect(words).toContain(part)
  })

  it('has one primary button, rolls back in red with the consequence, and asks for a reason while the gate is closed', () => {
    const buttons = buttonsIn(card(told))
    expect(buttons.filter(({ style }) => style === 'primary').map(({ label }) => label)).toEqual(['Claim commander'])
    const last = buttons.at(-1)
    expect(last).toMatchObject({ label: 'Roll back #482', style: 'danger' })
    expect(last?.confirm).toContain('approvals')
    expect(decodeIncidentPress(last?.value)).toEqual({ name: 'roll back', run: 482, incident: 31 })
    expect(buttons.map(({ label }) => label)).toContain('Resolve…')
  })

  it('offers no way back of a deploy that went back already, and still the data of before it', () => {
    const view = { ...told, suspects: [{ ...deploy, undone: true }] }
    const buttons = buttonsIn(incidentCard(view, { now, settings, guide: null, restorable: 'shop' }))
    expect(buttons.map(({ label }) => label)).not.toContain('Roll back #482')
    expect(buttons.find(({ label }) => label === 'Recover data…')?.value).toContain('"point":"before 482"')
  })

  it('says of each recovery what its own card says, with what a restore took', () => {
    const view = { ...told, runs: [{ run: 482, part: 'recovery' as const }] }
    const drawn = (recoveries: RunView[]) =>
      textOf(incidentCard(view, { now, settings, guide: null, recoveries })).replaceAll('\u200b', '')
    const { waiting, done } = restoreScenes()
    expect(drawn([waiting])).toContain('*Recovery*\n🟡 restore of *shop* in *prod* · waiting for approval (#482)')
    expect(drawn([done])).toMatch(/is live\. The data before it is kept\. \(#482\)\n\s+whole again after 4 min/)
    expect(drawn([])).toContain('#482: it has its own card')
    const backup = { ...done, run: { ...done.run, intent: { ...done.run.intent, job: 'backup' } } }
    expect(drawn([done, backup]).match(/\(#482\)/g)).toHaveLength(1)
  })

  it('offers to resolve at once when every check has been green for long enough', () => {
    const green = gate.map((line) => ({ ...line, outcome: 'pass' as const, greenSince: minute(1) }))
    const drawn = card({ ...told, gate: green })
    expect(buttonsIn(drawn).filter(({ style }) => style === 'primary')).toMatchObject([{ label: 'Resolve' }])
    expect(textOf(drawn)).toContain('✓ 2 of 2 checks green')
  })

  it('says what could not be set up, and how a person does it', () => {
    const room = {
      ...viewWith().incident.room,
      troubles: [{ piece: 'pin' as const, text: 'No pin.', next: 'Pin it by hand.' }],
    }
    expect(textOf(card(viewWith({ room })))).toContain('⚠ No pin.\n  Pin it by hand.')
  })

  it.each(['resolved', 'archived', 'duplicate'] as const)(
    'has nothing to do but look or reopen when it is %s',
    (state) => {
      const drawn = card(
        viewWith({ state, resolvedAt: minute(5), archivedAt: minute(6), duplicateOf: 30 }, { suspects: [deploy] }),
      )
      const labels = buttonsIn(drawn).map(({ label }) => label)
      expect(labels).toContain('Reopen…')
      expect(labels.join()).not.toMatch(/Roll back|Update|Claim|Resolve/)
      expect(textOf(drawn)).toContain(
        { resolved: 'resolved after 5 min', archived: 'archived', duplicate: 'INC-30' }[state],
      )
    },
  )

  it('keeps words from outside harmless, whatever they are', () => {
    for (const text of hostileTexts) {
      const task = {
        id: 1,
        kind: 'task' as const,
        text,
        owner: null,
        createdAt: now,
        doneAt: null,
        link: null,
        fix: null,
      }
      const bad = { ...deploy, text, evidence: [`said: ${text}`] }
      const line = { key: 'x', text, outcome: 'fail' as const, greenSince: null, at: now }
      const view = viewWith(
        { title: text, impact: { ...impact, text } },
        { suspects: [bad], tasks: [task], gate: [line] },
      )
      const shown = JSON.stringify(card(view).blocks.map(({ type, ...rest }) => (type === 'actions' ? null : rest)))
      expect(shown).not.toMatch(/<[@!#](?!date\^)|<https?:/)
    }
  })
})

const base = { timeout: 60_000, onFailure: 'warn' as const }
const steps: Step[] = [
  { ...base, key: 'locks', title: 'Look for locks', verb: 'check', check: 'postgres.locks', with: { service: 'shop' } },
  { ...base, key: 'old', title: 'Is there an older query?', verb: 'ask', ...everybody('Look at the newest first.') },
  { ...base, key: 'cancel', title: 'Cancel the query', verb: 'ask', ...everybody('It blocks 23 sessions.') },
  { ...base, key: 'cancel:ended', title: 'It ended', verb: 'check', check: 'run.ended', with: {} },
  { ...base, key: 'again', title: 'p95 is back', verb: 'check', check: 'metrics.latency', with: { maxMs: 300 } },
]
function everybody(question: string) {
  const answers = [
    { label: 'Cancel the query', value: 'do', style: 'primary' as const },
    { label: 'Skip…', value: 'skip', reason: true },
  ]
  return {
    of: { groups: [], people: [], requester: 'counts' as const },
    question,
    answers,
    quorum: 1,
    expires: 3_600_000,
  }
}

function guideRun(): RunView {
  const acts = {
    cancel: { job: 'operate', with: { action: 'postgres.cancel', with: { pid: { from: 'locks', field: 'pid' } } } },
  }
  const plain = scene({ steps })
  const headline = plain.run.plan?.headline
  if (!headline) throw new Error('no headline')
  const plan = sealPlan({ headline, pinned: { acts }, steps, observe: false, result: null })
  const input = { guide: 'slow-application', incident: 31, markdown: '# Slow application\n' }
  const state: { [key: string]: Partial<StepRecord> } = {
    locks: { state: 'warned', evidence: { summary: 'pid 4711 blocks 23 sessions' } },
    old: { state: 'passed' },
    cancel: { state: 'waiting', taken: { by: rita, at: now } },
  }
  const answer = {
    run: 482,
    step: 'old',
    round: 1,
    person: marco,
    answer: 'skip',
    reason: 'only one',
    digest: '',
    at: now,
  }
  return {
    run: { ...plain.run, plan, state: 'waiting', intent: { ...plain.run.intent, job: 'guide', input } },
    steps: plain.steps.map((record) => ({ ...record, round: 1, ...state[record.key] })),
    answers: [answer],
  }
}

describe('the card of a guide', () => {
  it('shows what to do and why, what it will run, the evidence before, and who is on it', () => {
    const drawn = guideCard(guideRun())
    expectValidMessage(drawn)
    const words = textOf(drawn)
    expect(words).toContain('Guide *Slow application* · step 3 of 4')
    expect(words).toContain('*Cancel the query* · Rita is on it')
    expect(words).toContain('It blocks 23 sessions.')
    expect(words).toContain('`postgres.cancel pid=(pid of locks)`')
    expect(words).toContain('Before: pid 4711 blocks 23 sessions')
    expect(words).toContain('Then: p95 is back')
  })

  it('says of a change whether it helped, with the figure before and after, and what follows when it did not', () => {
    const view = guideRun()
    const proofOf = (state: StepRecord['state'], summary: string) => {
      const again = { key: 'cancel:proof:locks', state, evidence: { summary } }
      const answer = { ...view.answers[0], step: 'cancel', answer: 'do', person: rita } as RunView['answers'][number]
      const at = view.steps.findIndex(({ key }) => key === 'cancel:ended')
      const proved = { ...view.steps[at], ...again } as StepRecord
      const steps = view.steps.map((one) => {
        if (one.key === 'cancel') return { ...one, state: 'passed' as const, taken: null, output: { run: 55 } }
        return one.key === 'cancel:ended' ? { ...one, state: 'passed' as const } : one
      })
      return textOf(guideCard({ ...view, steps: [...steps, proved], answers: [...view.answers, answer] }))
    }
    expect(proofOf('passed', 'nobody waits')).toContain(
      '✓ Cancel the query (Rita, #55): *it helped*, nobody waits, before pid 4711 blocks 23 sessions.',
    )
    expect(proofOf('warned', 'pid 4712 blocks 9 sessions')).toContain(
      '⚠ Cancel the query (Rita, #55): *it did not help*, pid 4712 blocks 9 sessions, before pid 4711 blocks 23 sessions. Go on with the next step.',
    )
  })

  it('never shows what was skipped as done, and says who skipped it and why', () => {
    const words = textOf(guideCard(guideRun()))
    expect(words).toContain('– Is there an older query? *skipped* by Marco, only one')
    expect(words).toContain('⚠ pid 4711 blocks 23 sessions · checked: Look for locks')
    expect(words).not.toContain('✓ Is there')
  })

  it('has buttons that name the step, its round and the plan that was shown', () => {
    const run = guideRun()
    expect(buttonsIn(guideCard(run)).map(({ label }) => label)).not.toContain('I am on it')
    const free = { ...run, steps: run.steps.map((step) => ({ ...step, taken: null })) }
    const [act, mine, skip] = buttonsIn(guideCard(free))
    expect(decodePress(act?.value)).toMatchObject({
      name: 'choose',
      step: 'cancel',
      round: 1,
      answer: 'do',
      digest: run.run.plan?.digest,
    })
    expect(act?.style).toBe('primary')
    expect(decodeIncidentPress(mine?.value)).toEqual({ name: 'take', step: 'cancel', incident: 31 })
    expect(skip?.label).toBe('Skip…')
  })

  it('opens the form of a restore where the guide says to ask for one, and nowhere else', () => {
    const buttons = (command: string) => {
      const run = guideRun()
      const plan = run.run.plan && {
        ...run.run.plan,
        pinned: { ...run.run.plan.pinned, commands: { cancel: command } },
      }
      return buttonsIn(guideCard({ ...run, run: { ...run.run, plan } }))
    }
    const value = JSON.stringify({ name: 'restore', known: { incident: '31' } })
    expect(buttons('/restore')).toContainEqual(expect.objectContaining({ label: 'Recover data…', value }))
    for (const other of ['/restore drill shop', '/restore undo 490', '/backup status'])
      expect(buttons(other).map(({ label }) => label)).not.toContain('Recover data…')
  })

  it('shows what to run as code, whatever it holds', () => {
    const run = guideRun()
    const question = 'Look there.\n\n````\necho ```\nrm <a> & *b*\n````\nThen go on.'
    const asking = (step: Step): Step => (step.key === 'cancel' && step.verb === 'ask' ? { ...step, question } : step)
    const drawn = guideCard({ ...run, steps: run.steps.map((one) => ({ ...one, step: asking(one.step) })) })
    expectValidMessage(drawn)
    expect(textOf(drawn)).toContain('Look there.\n`echo ˋˋˋ`\n`rm')
    expect(textOf(drawn)).toMatch(/\*?b.*`\nThen go on\./)
  })

  it('stands as one line on the incident’s card', () => {
    expect(textOf(card(told, guideRun()))).toContain(
      'Slow application: step 3 of 4, waiting for people: Cancel the query',
    )
  })
})

const alert: AlertRecord = {
  ...{
    id: 7,
    source: 'alertmanager',
    fingerprint: 'f',
    group: null,
    state: 'firing',
    title: 'HighErrorRate',
    data: {},
  },
  ...{
    text: '5 % of requests fail',
    severity: 'SEV2',
    service: 'storefront',
    environment: 'prod',
    labels: {},
    link: null,
  },
  ...{ startedAt: minute(0), lastAt: now, endedAt: null, notices: 4, incident: null },
  ...{ acknowledgedBy: null, acknowledgedAt: null, silencedUntil: null },
}

describe('the evidence of a suspect', () => {
  it('tells a moment in the reader’s own time, and quotes what is around it', () => {
    const told = evidenceWord('12 times <@U1>, last at 2026-11-23T14:06:00.123Z in web', now)
    expect(told).toMatch(/^12 times .*, last at <!date\^\d+\^\{.*\}\|[^>]*14:06 UTC> in web$/)
    expect(told).not.toContain('<@U1>')
    expect(evidenceWord('nothing of the kind', now)).toBe('nothing of the kind')
  })
})

describe('the message of an alert', () => {
  it('offers to acknowledge, silence and declare while it fires, and nothing when it is over', () => {
    const drawn = alertMessage(alert, now)
    expectValidMessage(drawn)
    expect(buttonsIn(drawn).map(({ label }) => label)).toEqual(['Acknowledge', 'Silence…', 'Declare an incident'])
    const over = alertMessage({ ...alert, endedAt: minute(5) }, now)
    expectValidMessage(over)
    expect(buttonsIn(over)).toEqual([])
    expect(textOf(over)).toContain('is over after 5 min')
  })

  it('shows where an error was thrown, with what it was seen and how many it hit, escaped and cut', () => {
    const data = {
      frames: ['applyDiscount (src/cart.ts:42)', `<!channel> (${'x'.repeat(500)})`],
      ...{ seenWith: ['shop@1.9.1', 'Chrome 139.0.0'], people: 1, times: 340 },
    }
    const drawn = alertMessage({ ...alert, source: 'sentry', data }, now)
    expectValidMessage(drawn)
    const said = textOf(drawn)
    expect(said).toContain('at applyDiscount (src/cart.ts:42)')
    expect(said).toContain('1 person hit, 340 times so far')
    expect(said).not.toContain('<!channel>')
    expect(textOf(alertMessage({ ...alert, data: { frames: 'none' } }, now))).not.toContain('at ')
  })

  it('says who has it, and does not offer twice what was done', () => {
    const drawn = alertMessage({ ...alert, acknowledgedBy: 'Rita', incident: 31 }, now)
    expect(textOf(drawn)).toContain('Rita is looking at it')
    expect(buttonsIn(drawn).map(({ label }) => label)).toEqual(['Silence…'])
  })
})

describe('answers about incidents', () => {
  it('are messages that Slack takes, without buttons that count on the card alone', () => {
    const one = incidentMessage({ view: told, guide: null }, settings, now)
    const many = incidentsMessage({ incidents: [told.incident], title: 'Open incidents' }, now)
    const entry = {
      incident: 31,
      position: 1,
      key: 'k',
      kind: 'note' as const,
      at: now,
      by: rita,
      text: 'The card network is fine',
      data: {},
    }
    const timeline = timelineMessage({ incident: told.incident, entries: [entry] }, now)
    for (const drawn of [one, many, timeline]) expectValidMessage(drawn)
    expect(JSON.stringify(one.blocks)).not.toContain('"button"')
    expect(textOf(many)).toContain('INC-31 *SEV2* Checkout is slow · storefront in prod · open')
    expect(textOf(timeline)).toContain('The card network is fine (Rita)')
  })
})
