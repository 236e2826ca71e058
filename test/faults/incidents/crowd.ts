import { z } from 'zod'
import type { Asker, Press } from '../../../src/commands/command.js'
import type { IncidentPress } from '../../../src/commands/incident-words.js'
import type { Reply } from '../../../src/commands/reply.js'
import type { Desk } from '../../../src/jobs/desk.js'
import { defineAction, defineCheck } from '../../../src/runs/abilities.js'
import type { RunView } from '../../../src/runs/run.js'
import { createDeskWorld } from '../../support/desk-world.js'
import type { Random } from '../random.js'

/** Somebody's click and what came back. */
export type Clicked = { by: string; incident: number; act: string; reply: Reply }

type Wish = { act: string; incident: number; press(desk: Desk, asker: Asker): Promise<Reply> }

export type Crowd = Awaited<ReturnType<typeof createCrowd>>

const people = Object.fromEntries(
  Array.from({ length: 50 }, (_, at) => [
    `U0P${at}`,
    { name: `Person ${at}`, groups: at % 2 === 0 ? ['release-managers'] : [] },
  ]),
)

/** Fifty people, two desks on one store, and incidents that each follow a guide of their own. */
export async function createCrowd(guides: number, random: Random) {
  const acts: number[] = []
  const checks = [
    defineCheck({
      name: 'crowd.look',
      input: z.unknown(),
      run: async () => ({ outcome: 'fail', summary: 'it is slow' }),
    }),
  ]
  const actions = [
    defineAction({
      name: 'crowd.mend',
      input: z.unknown(),
      fence: 'key',
      run: async (_, { run }) => {
        acts.push(run)
        return { evidence: { summary: 'mended' } }
      },
    }),
  ]
  const world = await createDeskWorld({ people, checks, actions })
  const desks = [world.desk, world.another()]
  const incidents: number[] = []
  const cards: RunView[] = []
  const clicked: Clicked[] = []
  let requests = 0

  const somebody = (): Asker => {
    const id = random.one(Object.keys(people))
    const actor = { kind: 'person' as const, id, name: people[id]?.name ?? id }
    return { actor, team: 'T0', via: 'button', requestKey: `crowd:${++requests}` }
  }

  async function open(at: number): Promise<void> {
    const asker = somebody()
    world.guides.put(`guide-${at}`, guideText(at))
    await world.desk.say(`prod trouble ${at}`, 'incident', asker)
    const found = await world.store.incidents.rows.list({ limit: 100 })
    const id = found.find(({ title }) => title.includes(`trouble ${at}`))?.id
    if (id === undefined) throw new Error(`trouble ${at} is not there`)
    incidents.push(id)
    await world.desk.pressIncident({ name: 'guide', guide: `guide-${at}`, incident: id }, somebody())
  }

  /** The guide's card as it is now, kept for somebody who presses later. */
  async function cardOf(incident: number): Promise<RunView | null> {
    const view = await world.store.incidents.rows.view(incident)
    const card = view?.incident.guide ? await world.store.desk.view(view.incident.guide) : null
    if (card) cards.push(card)
    return card
  }

  async function wish(): Promise<Wish> {
    const incident = random.one(incidents)
    const fresh = await cardOf(incident)
    const card = random.between(0, 3) < 1 ? random.one(cards) : fresh
    if (card && random.between(0, 2) < 1) {
      const answer = anAnswer(card, random)
      if (answer) return answer
    }
    const view = await world.store.incidents.rows.view(incident)
    const step = random.one(card?.steps ?? [])?.key ?? 'mend'
    const press = random.one<IncidentPress>([
      { name: 'role', role: 'commander' },
      { name: 'role', role: random.one(['commander', 'communications', 'cook']), to: random.one(Object.keys(people)) },
      { name: 'take', step },
      { name: 'look again', step },
      { name: 'note', text: `note ${++requests}` },
      { name: 'task', text: `task ${++requests}` },
      { name: 'tick', task: random.one(view?.tasks ?? [])?.id ?? 99_999 },
      { name: 'draft', text: `draft ${++requests}`, phase: 'identified', audience: [] },
      { name: 'publish', update: random.one(view?.updates ?? [])?.id ?? 99_999 },
      { name: 'severity', severity: random.one(['SEV1', 'SEV2', 'SEV3'] as const) },
      { name: 'resolve', reason: random.one(['', 'it is over']) },
      { name: 'reopen', reason: 'it is back' },
      { name: 'guide', guide: `guide-${incidents.indexOf(incident)}` },
    ])
    return {
      act: press.name,
      incident,
      press: (desk, asker) => desk.pressIncident({ ...press, incident } as IncidentPress, asker),
    }
  }

  async function click({ act, incident, press }: Wish, asker: Asker, desk = random.one(desks)): Promise<void> {
    const reply = await press(desk, asker)
    clicked.push({ by: asker.actor.id, incident, act, reply })
  }

  return {
    world,
    acts,
    clicked,
    incidents,
    openAll: async () => {
      for (let at = 0; at < guides; at++) await open(at)
    },
    /** One click, or several at the same moment: by many people, or one of them delivered to both desks. */
    burst: async () => {
      const [one, other] = [await wish(), await wish()]
      const asker = somebody()
      const kind = random.between(0, 4)
      if (kind < 1) return Promise.all([click(one, asker), click(other, somebody())])
      if (kind < 2) return Promise.all(desks.map((desk) => click(one, asker, desk)))
      if (kind < 3) return Promise.all([one, one, other, one].map((each) => click(each, somebody())))
      return Promise.all(opposites(one, cards, random).map((each) => click(each, somebody())))
    },
    close: world.close,
  }
}

/** What one button says and what another of the same question says, at the same moment. */
function opposites(one: Wish, cards: RunView[], random: Random): Wish[] {
  const card = [...cards].reverse().find(({ steps }) => steps.some((step) => isDo(step)))
  const step = card?.steps.find((each) => isDo(each))
  if (!card || !step) return [one]
  const both = ['do', 'skip'].map((value) => answerWish(card, step.key, step.round, value))
  return random.between(0, 2) < 1 ? both : both.reverse()
}

const isDo = ({ state, step }: RunView['steps'][number]): boolean =>
  state === 'waiting' && step.verb === 'ask' && step.answers.some(({ value }) => value === 'do')

function anAnswer(card: RunView, random: Random): Wish | null {
  const asked = card.steps.flatMap(({ key, round, step }) => (step.verb === 'ask' ? [{ key, round, step }] : []))
  const waiting = card.steps.filter(({ state, step }) => state === 'waiting' && step.verb === 'ask')
  const keys =
    waiting.length > 0 && random.between(0, 4) > 1 ? waiting.map(({ key }) => key) : asked.map(({ key }) => key)
  const one = asked.find(({ key }) => key === random.one(keys)) ?? asked[0]
  if (!one) return null
  const round = random.between(0, 8) < 1 ? one.round + 1 : one.round
  return answerWish(card, one.key, round, random.one(one.step.answers).value, random.between(0, 8) < 1)
}

function answerWish(card: RunView, step: string, round: number, answer: string, old = false): Wish {
  const { id, plan, intent } = card.run
  const digest = old ? 'of an older plan' : (plan?.digest ?? '')
  const press: Press = { name: 'choose', run: id, step, round, digest, answer, reason: 'because' }
  return {
    act: `${step}: ${answer}`,
    incident: Number(intent.input.incident),
    press: (desk, asker) => desk.press(press, asker),
  }
}

const guideText = (at: number): string => `# Guide ${at}

What to do about trouble ${at}.

## 1. Check: it is quick

\`\`\`yaml shipmate
key: look
check: crowd.look
\`\`\`

## 2. Ask: What is it?

- **The queue**: mend it.
- **Something else**: go on.

\`\`\`yaml shipmate
key: what
\`\`\`

## 3. Do: Mend the queue

\`\`\`yaml shipmate
key: mend
do: crowd.mend
\`\`\`

## 4. Say: that it was slow

> Trouble ${at} made pages slow.

\`\`\`yaml shipmate
key: say
to: stakeholders
\`\`\`

## 5. Do: Mend it once more

\`\`\`yaml shipmate
key: mend-again
do: crowd.mend
\`\`\`
`
