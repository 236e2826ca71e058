import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '../../../src/store/database.js'
import { createPerson } from '../../support/person.js'
import { waitFor } from '../../support/wait-for.js'
import type { Storm } from '../storm.js'
import { truthOf } from './incident-truth.js'

/** People's words and clicks, one after the other, until rows show what they came to; a process that dies answers none. */
export function createTeller(storm: Storm, database: Database) {
  const rita = createPerson(storm.workspaceUrl, 'U0RITA')
  let words = 0

  /** Says it until the rows have it, as people do who got no answer; every word is one of its own. */
  async function until(what: string, say: (nth: number) => Promise<unknown>, holds: () => Promise<boolean>) {
    await waitFor(
      what,
      async () => {
        if (await holds()) return true
        // Nobody answers while it is dead, and a card that is not drawn yet has no button.
        await say(++words).catch(() => {})
        for (let look = 0; look < 10; look++) {
          await pause(300)
          if (await holds()) return true
        }
        return undefined
      },
      300_000,
    )
  }

  const say = (text: string) => rita.send('C0RELEASES', `/incident ${text}`)
  const truth = () => truthOf(database)
  const entry = (incident: number, words: RegExp) => async () =>
    (await truth()).entries.some((one) => one.incident === incident && words.test(one.text))

  return {
    /** Declares one, lives through it, and answers its number. */
    async live(title: string, alert: (fingerprint: string, state: string) => Promise<unknown>): Promise<number> {
      const id = await declared(title)
      const says = (what: string, text: string, shows: RegExp) =>
        until(`${what} of INC-${id}`, () => say(text), entry(id, shows))
      await says('a role', `role INC-${id} commander`, / is commander/)
      await notes(id)
      await says('the severity', `severity INC-${id} SEV2`, /became SEV2/)
      await until(`an alert of INC-${id}`, () => alert(`alert-${id}`, 'firing'), entry(id, /SlowPages/))
      await says('the guide', `guide INC-${id} mend-it`, / follows the guide /)
      await guided(id)
      await notes(id)
      await says('a draft', `update INC-${id} identified We know what it is.`, /Drafted an update: We know/)
      await published(id)
      await until(
        `reminders of INC-${id}`,
        () => notes(id),
        async () => (await reminded(id)) >= 3,
      )
      const resolved = (nth: number) => say(`resolve INC-${id} because it is over, word ${nth}`)
      await until(`the end of INC-${id}`, resolved, entry(id, /^Resolved, /))
      const reopened = (nth: number) => say(`reopen INC-${id} it is back, word ${nth}`)
      await until(`the beginning anew of INC-${id}`, reopened, entry(id, / was reopened by /))
      await notes(id)
      await until(
        `a reminder after INC-${id} was reopened`,
        () => notes(id),
        async () => (await reminded(id)) >= 5,
      )
      await until(`the last end of INC-${id}`, resolved, isOver(id))
      return id
    },
  }

  async function declared(title: string): Promise<number> {
    const find = async () => (await truth()).incidents.find((one) => one.title.startsWith(title))
    await until(
      title,
      (nth) => say(`one ${title} attempt ${nth}`),
      async () => (await find())?.channel != null,
    )
    return (await find())?.id ?? 0
  }

  async function notes(id: number): Promise<void> {
    for (let nth = 0; nth < 2; nth++) await say(`note INC-${id} word ${++words}.`).catch(() => {})
  }

  /** Presses whatever the guide asks, in its channel, until it has come to its end. */
  async function guided(id: number): Promise<void> {
    const channel = (await truth()).incidents.find((one) => one.id === id)?.channel ?? ''
    const buttons = ['The queue', 'Deploy', 'Draft it']
    let at = 0
    const press = () => rita.click(channel, buttons[at++ % buttons.length] ?? '')
    await until(`the guide of INC-${id}`, press, async () => {
      const { incidents, runs } = await truth()
      const guide = incidents.find((one) => one.id === id)?.guide
      return runs.find((run) => run.id === guide)?.state === 'done'
    })
  }

  async function published(id: number): Promise<void> {
    const [draft] = await database.query<{ id: number }>(
      `select id::int from shipmate.incident_updates where incident = $1 and text like 'We know%' limit 1`,
      [id],
    )
    const shows = entry(id, /^Published \(/)
    await until(`an update of INC-${id}`, () => say(`publish INC-${id} ${draft?.id}`), shows)
  }

  async function reminded(id: number): Promise<number> {
    const { posts } = await truth()
    return posts.filter((one) => one.incident === id && one.sent && one.key.startsWith('remind:')).length
  }

  function isOver(id: number) {
    return async () => {
      const query = 'select state from shipmate.incidents where id = $1'
      return (await database.query<{ state: string }>(query, [id]))[0]?.state === 'resolved'
    }
  }
}

/** A folder with the guide that is followed. */
export function guideFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-guides-'))
  writeFileSync(join(dir, 'mend-it.md'), guide)
  return dir
}

const guide = `# Mend it

What to do when pages are slow.

## 1. Ask: What is it?

- **The queue**: mend it.
- **Something else**: look again.

\`\`\`yaml shipmate
key: what
\`\`\`

## 2. Do: Bring the version that mends it

\`\`\`yaml shipmate
key: mend
do: deploy
with: { version: v1.0.0 }
\`\`\`

## 3. Say: that it was slow

> Pages were slow.

\`\`\`yaml shipmate
key: say
to: stakeholders
\`\`\`
`
