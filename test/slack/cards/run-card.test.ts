import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunView } from '../../../src/runs/run.js'
import type { Step } from '../../../src/runs/step.js'
import { runCard } from '../../../src/slack/cards/run-card.js'
import { decodePress } from '../../../src/slack/press-value.js'
import { expectValidMessage } from '../../support/block-kit.js'
import { hostileTexts } from '../hostile-texts.js'
import { restoreScenes } from '../restore-scenes.js'
import { act, ada, approval, at, check, deploySteps, type Scene, scene, scenes } from '../scenes.js'
import { buttonsIn, textOf } from '../text-of.js'

const now = at(21, 42)
const card = (name: string) => {
  const view = scenes()[name]
  if (!view) throw new Error(`no scene ${name}`)
  return runCard(view, now, { earlier: [240_000, 300_000, 280_000] })
}
const head = (name: string, lines: number) => textOf(card(name)).split('\n').slice(0, lines)
const labels = (name: string) => buttonsIn(card(name)).map(({ label }) => label)

describe('the card of a run', () => {
  it.each(Object.entries(scenes()))('is a message that Slack takes: %s', (_name, view) => {
    const drawn = runCard(view, now)
    expectValidMessage({ ...drawn, update: true })
    expect(drawn.text).toContain('storefront')
    expect(drawn.blocks.length).toBeLessThanOrEqual(50)
  })

  it('shows a plan that waits for approval with all that people need to decide', () => {
    const drawn = textOf(card('waiting for approval')).replaceAll('\u00a0', ' ')
    expect(drawn.replace(/plan \w{4}…\w\w/, 'plan 9f2c…e1')).toBe(
      `🟡 storefront *v1.8.0* → *prod* · waiting for approval
Waiting for 1 more approval, until 14:32 UTC (in 10 min 18 s).
#482 · asked by Ada
4 commits by 3 people · 1 migration (adds a column, safe) · risk: low
Compare v1.7.3…v1.8.0 · plan 9f2c…e1
*Changes*
\`3f1c2ab\` cache prices – Ben
\`8a0de11\` show delivery dates – Cleo
\`c0ffee1\` fix the basket on phones – Ben
… and 1 more commit in Details
*Gates*  ✓ 2 passed  ⚠ 1 warning: main.js +9 %  – 1 skipped: Sentry not set up
*Approvals*  1 of 2 from @​release-managers  ✓ Rita 14:19 UTC
*Plan*  ① migrate shop · ② start green ×2 · ③ check health · ④ move traffic · ⑤ verify 3 min · ⑥ stop blue
*Undo*  traffic back to blue
[ Approve ] [ Details ] [ Cancel… ] [ Reject… ]`.replace('@​', '@'),
    )
  })

  it('links the comparison and each commit where the repository is known', () => {
    const view = structuredClone(scenes()['waiting for approval'])
    if (!view?.run.plan) throw new Error('no plan')
    const repository = 'https://github.com/acme/shop'
    view.run.plan.headline.links = { repository, compare: `${repository}/compare/a...b` }
    const drawn = textOf(runCard(view, now))
    expect(drawn).toContain(`<${repository}/compare/a...b|Compare v1.7.3…v1.8.0> · plan`)
    expect(drawn).toMatch(/<https:\/\/github\.com\/acme\/shop\/commit\/3f1c2ab\w*\|3f1c2ab> cache prices – Ben/)
    expectValidMessage(runCard(view, now))
  })

  it('shows how far a running deploy is, what each step left as evidence and what is to come', () => {
    expect(head('running', 2)).toEqual([
      '🔵 storefront *v1.8.0* → *prod* · running',
      '▓▓▓▓▓░░░░░  4 of 6 · 1 min 42 s · about 3 min left',
    ])
    expect(textOf(card('running'))).toContain(`✓ start green ×2: 2 instances on host-1 and host-2
✓ check health: both healthy
▸ move traffic: 50 % on green, 0 failed of 12,430
· then verify 3 min · stop blue
[ Details ] [ Cancel… ]`)
  })

  it('says of a repair what became of it, and never that a release went live or did not', () => {
    const act = (told: Scene['told'], run: Scene['run']) => {
      const title = 'cancel the query of pid 4711'
      const step: Step = {
        ...{ key: 'act', title, verb: 'do', action: 'postgres.cancel', with: {} },
        ...{ timeout: 60_000, onFailure: 'stop' },
      }
      const input = { action: 'postgres.cancel', with: { pid: 4711 }, title }
      const intent = { job: 'operate', service: 'storefront', environment: 'prod', input }
      const headline = { job: 'operate', from: null, to: null, changes: [], migrations: [], notes: [title] }
      const drawn = runCard(scene({ steps: [step], headline, told, run: { intent, ...run } }), now)
      expectValidMessage({ ...drawn, update: true })
      expect(textOf(drawn)).not.toMatch(/go live|serves/i)
      return textOf(drawn).split('\n')[0]
    }
    expect(act({ act: 'failed' }, { state: 'failed' })).toBe(
      '🔴 storefront in *prod*: “cancel the query of pid 4711” did *not* work, or only in part. No release was changed.',
    )
    expect(act({}, { state: 'refused' })).toBe(
      '🔴 storefront in *prod*: “cancel the query of pid 4711” was *not* done.',
    )
    expect(act({}, { state: 'stopped' })).toBe(
      '⚪ storefront in *prod*: “cancel the query of pid 4711” was *not* done.',
    )
    expect(act({ act: 'failed' }, { state: 'stopped' })).toContain('did *not* work, or only in part.')
    expect(act({ act: 'passed' }, { state: 'done' })).toBe(
      '🟢 storefront in *prod*: “cancel the query of pid 4711” is done.',
    )
  })

  it('says that traffic moves as long as only a share of it has', () => {
    const shared = (share: number) => scene({ told: { ...passed, move: { state: 'passed', output: { share } } } })
    const passed = { migrate: 'passed', start: 'passed', health: 'passed', verify: 'running' } as const
    const headAt = (share: number) => {
      const { run, ...rest } = shared(share)
      return textOf(runCard({ ...rest, run: { ...run, state: 'running', startedAt: at(20) } }, now)).split('\n')[0]
    }
    expect(headAt(50)).toBe('🔵 storefront *v1.8.0* → *prod* · moving traffic')
    expect(headAt(100)).toBe('🔵 storefront *v1.8.0* → *prod* · verifying')
  })

  it('keeps the proof and every warning on the card of a deploy that is done', () => {
    const told = {
      health: 'passed',
      verify: { state: 'warned', evidence: { summary: '0 failed of 3 in 5 s: too few to judge' } },
    } as const
    const drawn = (more: object) => textOf(runCard(scene({ told: { ...told, ...more }, run: { state: 'done' } }), now))
    expect(drawn({})).toContain('⚠ verify 3 min (warning): 0 failed of 3 in 5 s: too few to judge')
    expect(drawn({ verify: { state: 'passed', evidence: { summary: '0 failed of 12,430 in 3 min' } } })).toContain(
      '✓ verify 3 min: 0 failed of 12,430 in 3 min',
    )
  })

  it('shows an undo in the place of what it undid, and says nothing twice', () => {
    const lines = textOf(card('undone')).split('\n')
    expect(lines.filter((line) => line.includes('undo: '))).toEqual([
      '↩ undo: traffic back to blue',
      '↩ undo: stop green',
    ])
    expect(lines.filter((line) => line.includes('move traffic'))).toEqual([])
    expect(lines.filter((line) => line.includes('errors rose'))).toHaveLength(1)
    expect(lines).toContain('✗ verify 3 min (failed)')
  })

  it.each([
    [
      'queued',
      '⚪ storefront *v1.8.0* → *prod* · waiting in line',
      'Place 3 in line, behind 2 runs. It is planned when its turn comes.',
    ],
    ['planning', '🔵 storefront *v1.8.0* → *prod* · planning', 'Gathering facts and checking gates. Nothing runs yet.'],
    [
      'waiting for a lock',
      '🟡 storefront *v1.8.0* → *prod* · waiting for a lock',
      'Max holds storefront/prod: checking the invoices.',
    ],
    ['done', '🟢 storefront *v1.8.0* is live in *prod*.', 'It replaced v1.7.3 in 3 min 20 s.'],
    ['rolled back', '🟢 storefront *v1.7.3* is back in *prod*.', 'It replaced v1.8.0 in 4 s.'],
    ['scaled', '🟢 storefront runs *5 instances* in *prod*.', 'It took 9 s.'],
    [
      'undone',
      '🟠 storefront *v1.8.0* did *not* go live in *prod*. *v1.7.3* serves all traffic.',
      'Undone after 48 s: errors rose to 4.8 % (limit 1 %) at 5 % traffic.',
    ],
    [
      'rejected',
      '🔴 storefront *v1.8.0* did *not* go live in *prod*. *v1.7.3* serves all traffic.',
      'Refused by Max: not on a Friday.',
    ],
    [
      'gate failed',
      '🔴 storefront *v1.8.0* did *not* go live in *prod*. *v1.7.3* serves all traffic.',
      'Refused: CI is red for 3f1c2ab.',
    ],
    [
      'expired',
      '🔴 storefront *v1.8.0* did *not* go live in *prod*. *v1.7.3* serves all traffic.',
      'Timed out: nobody answered in time.',
    ],
    [
      'stopped',
      '⚪ storefront *v1.8.0* did *not* go live in *prod*. *v1.7.3* serves all traffic.',
      'Stopped by Max: wrong version.',
    ],
    [
      'failed',
      '🔴 storefront *v1.8.0* stopped half-way in *prod*. What serves now is not certain.',
      'Failed: errors rose to 4.8 %; undoing failed too: the proxy does not answer.',
    ],
    [
      'faulted',
      '🔴 storefront *v1.8.0* stopped half-way in *prod*. What serves now is not certain.',
      'Faulted: Shipmate broke: no such column.',
    ],
    [
      'lost',
      '🔴 storefront *v1.8.0* stopped half-way in *prod*. What serves now is not certain.',
      'Lost: the worker vanished and the outcome cannot be told.',
    ],
    [
      'observed',
      '⚪ storefront *v1.8.0* → *prod* · only observed, nothing was changed.',
      'prod is in observe mode. The steps below would have run.',
    ],
  ])('says first what is true now and then why or what is next: %s', (name, first, second) => {
    expect(head(name, 2)).toEqual([first, second])
  })

  it('names what a migration takes away before people approve, and how it comes back after the deploy went back', () => {
    const migrations = [
      { name: '003', what: 'adds a column', safe: true },
      { name: '004', what: 'drops orders', safe: false },
    ]
    const before = textOf(runCard(scene({ headline: { migrations } }), now))
    expect(before).toContain('2 migrations (⚠ drops orders, not safe to roll back over)')
    const ask = {
      ...act('backup', 'back up shop first', 'stop it'),
      action: 'backups.ask',
      with: { database: 'shop' },
    } as Step
    const wait = check('backed-up', 'shop is backed up')
    const undone = scene({
      headline: { migrations },
      steps: [ask, wait, act('migrate', 'migrate shop')],
      told: { backup: 'undone', 'backed-up': 'passed', migrate: 'passed' },
      undos: { backup: 'passed' },
      run: { state: 'undone', startedAt: at(20), endedAt: at(21), reason: { code: 'verdict', text: 'errors rose' } },
    })
    expect(textOf(runCard(undone, now)).split('\n').slice(2, 4)).toEqual([
      '2 migrations stay applied, and v1.7.3 may not run on one of them.',
      'Is data missing? It was backed up before: `/restore shop before 482`',
    ])
  })

  it('tells the whole story of a restore that is live, and nothing of what was expected of it', () => {
    const { waiting, done } = restoreScenes()
    expect(textOf(runCard(waiting, now)).split('\n').slice(2, 4)).toEqual([
      '*Put shop of prod back to 14:02? What was written after that goes.*',
      'Waiting for 1 more approval.',
    ])
    expect(
      textOf(runCard(waiting, now)),
    ).toContain(`⚠ every foreign key leads somewhere (warning): 3 rows of order_lines
✓ rows, old data → restored: orders: not there → 41
✓ 2 steps passed, 1 skipped, see Details
· then pause the application`)
    const told = textOf(runCard(done, now)).replaceAll('\u200b', '')
    for (const part of [
      'Restore of *shop* in *prod* is live. The data before it is kept.\nWhat was written from 14:02:00 UTC to 14:21:00 UTC is only in the kept data.',
      '#482 · asked by Ada · approved by Rita · ended 14:24 UTC\nto 14:02, just before #481\n',
      '✓ rows, old data → restored: orders: not there → 41',
      '✓ what serves is what was verified: 2 tables with 82 rows, as verified',
      '✓ what it took: whole again after 4 min',
    ])
      expect(told).toContain(part)
    expect(told).not.toMatch(/will lose|It took/)
  })

  it('says what stays after an undone deploy and what to do next', () => {
    expect(head('undone', 4).slice(2)).toEqual([
      '1 migration stays applied; v1.7.3 can run on it.',
      'Look at commit 3f1c2ab before you try again.',
    ])
  })

  it('names what stands before it in the line', () => {
    const before = { ...scene().run, id: 481 }
    const view = scene({ run: { state: 'queued', plan: null, ahead: 1 } })
    expect(textOf(runCard(view, now, { ahead: [before] }))).toContain(
      'Place 2 in line, behind #481 (storefront *v1.8.0* → *prod*).',
    )
  })

  it('shows the differences when the plan changed, and counts approvals of the old plan no more', () => {
    const old = { ...(scenes()['plan changed'] as RunView) }
    const drawn = textOf(
      runCard(
        {
          ...old,
          answers: [
            {
              run: 482,
              step: 'approve',
              round: 1,
              person: ada,
              answer: 'approve',
              reason: '',
              digest: 'an older plan',
              at: at(3),
            },
          ],
        },
        now,
      ),
    )
    expect(drawn).toContain(
      '⚠ *The plan changed; approvals of the one before are void.*\n• replaces: v1.7.2 → v1.7.3\n• step changed: migrate shop',
    )
    expect(drawn).toContain('*Approvals*  0 of 2')
  })

  it('offers only the buttons that make sense now', () => {
    expect(labels('queued')).toEqual(['Cancel…'])
    expect(labels('waiting for approval')).toEqual(['Approve', 'Details', 'Cancel…', 'Reject…'])
    expect(labels('running')).toEqual(['Details', 'Cancel…'])
    expect(labels('stopping')).toEqual(['Details'])
    expect(labels('undoing')).toEqual(['Details'])
    expect(labels('done')).toEqual(['Details', 'Roll back…'])
    expect(labels('rolled back')).toEqual(['Details'])
    expect(labels('undone')).toEqual(['Details', 'Try again…', 'Open incident…'])
    expect(labels('failed')).toEqual(['Details', 'Try again…', 'Open incident…', 'Roll back…'])
    expect(labels('observed')).toEqual(['Details'])
  })

  it.each(Object.keys(scenes()))('has at most one primary button, and what harms stands last: %s', (name) => {
    const styles = buttonsIn(card(name)).map(({ style }) => style)
    expect(styles.filter((style) => style === 'primary').length).toBeLessThanOrEqual(1)
    if (styles.includes('danger')) expect(styles.at(-1)).toBe('danger')
  })

  it('tells the consequence before a rollback, with the migrations that stay', () => {
    const rollBack = (safe: boolean) => {
      const migrations = [
        { name: 'a', what: 'adds', safe: true },
        { name: 'b', what: 'drops', safe },
      ]
      const view = scene({ headline: { migrations }, run: { state: 'done' } })
      return buttonsIn(runCard(view, now)).find(({ label }) => label === 'Roll back…')?.confirm
    }
    expect(rollBack(true)).toBe('Rolls back to v1.7.3. 2 migrations stay applied; v1.7.3 can run on them.')
    expect(rollBack(false)).toBe(
      'Rolls back to v1.7.3. 2 migrations stay applied, and v1.7.3 may not run on one of them.',
    )
  })

  it('binds Approve to the run, the step, its round and the plan that is shown', () => {
    const view = scenes()['waiting for approval'] as RunView
    const value = buttonsIn(runCard(view, now))[0]?.value
    expect(decodePress(value)).toEqual({
      name: 'approve',
      run: 482,
      step: 'approve',
      round: 1,
      digest: view.run.plan?.digest,
    })
  })

  it('asks for a confirmation where a team of one may approve its own change', () => {
    const own = {
      ...approval,
      of: { groups: [], people: ['U0ADA'], requester: 'self with confirmation' as const },
      quorum: 1,
    }
    const steps = deploySteps.map((step) => (step.key === 'approve' ? own : step))
    const view = scene({ steps, told: { approve: { state: 'waiting', deadline: at(30) } } })
    const [approve] = buttonsIn(runCard(view, now))
    expect(decodePress(approve?.value)?.name).toBe('confirm')
    expect(approve?.confirm).toContain('you confirm your own change')
  })

  it('calls nobody: a card holds no mention, whoever is on it', () => {
    for (const view of Object.values(scenes())) expect(JSON.stringify(runCard(view, now))).not.toMatch(/<[@!#](?!date)/)
  })

  it('keeps words from outside harmless, whatever they are', () => {
    const nasty = fc.oneof(
      fc.string({ maxLength: 400, unit: 'grapheme' }),
      fc.constantFrom(
        '<!channel>',
        '<@U0ADA>',
        '<!subteam^S1>',
        '<https://evil.example|Approve>',
        '`'.repeat(50),
        '\u202egnp.exe',
        '&lt;!here&gt;',
        '*'.repeat(9),
        'x'.repeat(50_000),
      ),
    )
    fc.assert(
      fc.property(nasty, nasty, fc.constantFrom(...Object.keys(scenes())), (a, b, name) => {
        const drawn = runCard(withWords(scenes()[name] as RunView, a, b), now)
        expect(JSON.stringify(drawn)).not.toMatch(/<[@!#](?!date\^)|<https?:/)
        expectValidMessage({ ...drawn, update: true })
      }),
      { numRuns: 150 },
    )
  })

  it.each(['waiting for approval', 'undone'])(
    'draws every hostile text of the corpus as words, without a mention or a link: %s',
    (name) => {
      for (const text of hostileTexts) {
        const drawn = runCard(withWords(scenes()[name] as RunView, text, text), now)
        const texts = drawn.blocks.flatMap((block) => (block.type === 'section' && block.text ? [block.text.text] : []))
        expect(
          texts.flatMap((one) => one.match(/<[^>]*>/g) ?? []).filter((token) => !token.startsWith('<!date^')),
        ).toEqual([])
      }
    },
  )

  it('fits into one message however long the plan, the changes and the gates are', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      ...(deploySteps[6] as (typeof deploySteps)[number]),
      key: `step-${index}`,
      title: `start instance ${index} of a long list of instances`,
    }))
    const told = Object.fromEntries(many.slice(0, 150).map(({ key }) => [key, 'passed' as const]))
    const waiting = scene({ steps: [...deploySteps.slice(0, 5), ...many], told: { approve: { state: 'waiting' } } })
    const running = scene({ steps: many, told, run: { state: 'running', startedAt: at(1) } })
    for (const view of [waiting, running]) expectValidMessage({ ...runCard(view, now), update: true })
  })
})

function withWords(view: RunView, a: string, b: string): RunView {
  const plan = view.run.plan && {
    ...view.run.plan,
    headline: {
      ...view.run.plan.headline,
      service: a,
      to: b,
      from: a,
      notes: [b],
      undo: a,
      changes: [{ sha: a, author: b, subject: a }],
      migrations: [{ name: a, what: b, safe: false }],
    },
  }
  const run = {
    ...view.run,
    plan,
    intent: { ...view.run.intent, service: a, environment: b, input: { version: a } },
    requestedBy: { ...ada, name: b },
    planChanges: view.run.planChanges.map(() => a),
    reason: view.run.reason && { ...view.run.reason, text: a, next: b },
    stopRequested: view.run.stopRequested && { ...view.run.stopRequested, reason: a },
  }
  const steps = view.steps.map((record) => ({
    ...record,
    step: { ...record.step, title: a },
    evidence: record.evidence && { summary: b },
    progress: record.progress && { ...record.progress, text: a },
  }))
  return {
    run,
    steps,
    answers: view.answers.map((answer) => ({ ...answer, reason: b, person: { ...answer.person, name: a } })),
  }
}
