import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../../playground/workspace/protocol.js'
import { wordsOf } from '../../support/person.js'
import { type RoutineWorld, routineWorld } from '../../support/routines/routine-world.js'
import { waitFor } from '../../support/wait-for.js'

// Slack is the local workspace; the rows are PostgreSQL's. The rota of the playground has Marco and Rita by turns.
let world: RoutineWorld
let stop: () => Promise<void>

beforeAll(async () => {
  world = await routineWorld(`
  certificates:
    says: Look whether every certificate is good for 30 days <!channel>.
    every: 0 9 * * *
    owner:
      groups: [release-managers]
    channel: C0INCIDENTS
    within: 4h
    guide: certificate-expiring
  restore-drill:
    says: Read how the drill went.
    every: 0 9 * * *
    owner:
      onCall: storefront
    channel: C0INCIDENTS
    within: 4h
    evidence: required
    escalate:
      groups: [incident-commanders]
`)
  await world.at('2026-11-02T07:00:00Z')
  stop = world.room.lead()
})
afterAll(async () => {
  await stop()
  await world.close()
})

const digests = async () =>
  (await world.rita.messages('incidents')).filter(({ text, ephemeral }) => /^Routines: /.test(text) && !ephemeral)
const thread = async () => {
  const ts = (await digests()).at(-1)?.ts ?? ''
  return (await world.rita.thread('incidents', ts)).slice(1).map(({ text }) => text)
}
const onDuty = async () => {
  const reply = await world.store.routines.openNow()
  return reply.find(({ routine }) => routine === 'restore-drill')?.asked?.called.people[0] ?? ''
}

/** Without what keeps names in it from calling anybody. */
const seen = (message: Message) => wordsOf(message).replaceAll('\u200b', '')

describe('what recurs', () => {
  it('is asked for at its moment in one message, and its owners are mentioned once, in the thread', async () => {
    await world.at('2026-11-02T08:00:00Z')
    await world.at('2026-11-02T08:00:05Z')
    const shown = await world.rita.seeMessage('incidents', /Routines: .*2 due/)
    const words = seen(shown)
    expect(words).toMatch(/certificates.*due until/)
    expect(words).toContain('For @release-managers')
    expect(words).toContain('how: `/ops guide certificate-expiring`')
    expect(words).toContain('For whoever is on call for storefront')
    expect(words).not.toMatch(/<!channel>|<@U|<!subteam/)
    const [call] = await waitFor('they are called', async () => ((await thread()).length > 0 ? thread() : undefined))
    const duty = await onDuty()
    expect(['U0MARCO', 'U0RITA']).toContain(duty)
    expect(call).toBe(
      `<!subteam^S0RELEASE> and <@${duty}>: certificates and restore-drill are due. The buttons are above.`,
    )
    await world.at('2026-11-02T09:00:00Z')
    expect(await digests()).toHaveLength(1)
    expect(await thread()).toHaveLength(1)
  })

  it('is not done by those who do not own it: a refusal in three parts, for them alone', async () => {
    await world.ivy.click('incidents', 'Done')
    const refusal = await world.ivy.seeMessage('incidents', /certificates stays as it is/)
    expect(refusal.ephemeral).toBe(true)
    expect(seen(refusal)).toMatch(/It belongs to @release-managers; you are not among them\.\s*Ask one of them/)
    expect(await world.store.routines.openNow()).toHaveLength(2)
  })

  it('stands in App Home under what waits for its owner, and for nobody else', async () => {
    await world.mina.openHome()
    await world.mina.seeHome(/Waits for you[\s\S]*certificates[\s\S]*due until/)
    await world.ivy.openHome()
    expect(wordsOf(await world.ivy.seeHome(/Waits for you/))).not.toContain('certificates')
  })

  it('is done with one click, and the second of two is told what the first one did', async () => {
    await Promise.all([world.marco.click('incidents', 'Done'), world.mina.click('incidents', 'Done')])
    await world.rita.seeMessage('incidents', /certificates.*done by (marco|mina)/)
    const told = async () =>
      (await Promise.all([world.marco.messages('incidents'), world.mina.messages('incidents')]))
        .flat()
        .filter(({ ephemeral }) => ephemeral)
    const [second] = await waitFor('one is told', async () => ((await told()).length > 0 ? told() : undefined))
    expect(await told()).toHaveLength(1)
    expect(second ? seen(second) : '').toMatch(
      /Your click changed nothing: certificates is done already\.\s*(marco|mina) did it .* ago\.\s*Nothing more to do/,
    )
  })

  it('asks for what shows it, where the operator’s file wants to see something', async () => {
    const duty = (await onDuty()) === 'U0RITA' ? world.rita : world.marco
    await duty.click('incidents', 'Done…')
    await duty.seeModal(/What shows it\?/)
    expect(await duty.submit({ note: '   ' })).toMatchObject({ result: 'errors' })
    await duty.submit({ note: 'https://example.com/drill/7' })
    const shown = await world.ivy.seeMessage('incidents', /restore-drill.*done by/)
    expect(seen(shown)).toContain('<https://example.com/drill/7|')
    expect(seen(shown)).toMatch(/Routines: .*2 done/)
    expect(JSON.stringify(shown.blocks)).not.toContain('"Done')
  })

  it('that was missed calls its owner and those beside it once more, and no further', async () => {
    await world.at('2026-11-03T08:00:00Z')
    await world.rita.seeMessage('incidents', /Routines: .*2 due/)
    await waitFor('they are called', async () => (await thread()).length === 1)
    await world.at('2026-11-03T12:00:00Z')
    await world.at('2026-11-03T12:00:05Z')
    const shown = await world.rita.seeMessage('incidents', /Routines: .*2 missed/)
    expect(seen(shown)).toMatch(/certificates.*missed: due .*, not done by/)
    const calls = await waitFor('they are called', async () => ((await thread()).length === 2 ? thread() : undefined))
    expect(calls[1]).toMatch(
      /^<!subteam\^S0INCIDENT>, <!subteam\^S0RELEASE> and <@U0(MARCO|RITA)>: certificates and restore-drill were missed; nobody did them in time\. Do them now and say so above, or skip them with a reason\.$/,
    )
    await world.at('2026-11-03T20:00:00Z')
    expect(await thread()).toHaveLength(2)
    expect(await digests()).toHaveLength(2)
  })

  it('can be done late or skipped with a reason, and that it was missed is told with it', async () => {
    await world.mina.openHome()
    await world.mina.seeHome(/certificates.*missed/)
    await world.mina.clickInHome('Done')
    await world.mina.seeHome(/Nothing waits for you/)
    await world.rita.seeMessage('incidents', /certificates.*missed at .*, done by mina/)
    await world.ivy.click('incidents', 'Skip…')
    await world.ivy.seeModal(/Why\?/)
    await world.ivy.submit({ note: 'No drill ran <!here>' })
    const shown = await world.rita.seeMessage('incidents', /restore-drill.*missed at .*, skipped by ivy/)
    expect(seen(shown)).not.toContain('<!here>')
    const { missed } = (await world.store.routines.standings(['certificates'], new Date(0), new Date()))[0] ?? {}
    expect(missed).toBe(1)
  })

  it('is asked for once after a downtime, with what passed meanwhile', async () => {
    await world.at('2026-11-07T20:30:00Z')
    const shown = await world.rita.seeMessage('incidents', /Routines: .*2 due/)
    expect(seen(shown)).toContain('3 times before it nobody was asked, because Shipmate was away.')
    expect(await digests()).toHaveLength(3)
    await world.at('2026-11-08T08:00:00Z')
    await waitFor('the one before stays missed', async () => {
      const before = (await digests()).at(-2)
      return before !== undefined && /certificates.*missed/.test(seen(before))
    })
    expect(JSON.stringify((await digests()).at(-2)?.blocks)).not.toContain('Skip…')
  })
})

describe('words', () => {
  it('show the calendar: what is due, what comes next, who did it last, what was missed', async () => {
    await world.marco.send('incidents', '/ops routines')
    const words = seen(await world.marco.seeMessage('incidents', /2 of 2 routines wait for somebody/))
    expect(words).toMatch(/certificates.*due until .* · next /)
    expect(words).toMatch(/last done .* by mina · missed 5 times in 90 days · how: `\/ops guide certificate-expiring`/)
  })

  it('say that one is done or skipped, and that one is refused when nothing is due', async () => {
    await world.marco.send('incidents', '/ops routines done certificates all good until March')
    await world.marco.seeMessage(
      'incidents',
      /You said that certificates is done\.\s*It is due again 9 Nov 09:00 \(Europe\/Rome\)/,
    )
    await world.rita.seeMessage('incidents', /certificates.*done by marco .*: all good until March/)
    await world.mina.send('incidents', '/ops routines skip certificates because no time')
    await world.mina.seeMessage(
      'incidents',
      /certificates is not due now[\s\S]*marco did it .* ago: all good until March/,
    )
    await world.mina.send('incidents', '/ops routines done certificats')
    await world.mina.seeMessage('incidents', /There is no routine certificats[\s\S]*Did you mean certificates\?/)
  })
})
