import type { Reply } from '../../../src/commands/reply.js'
import type { Clicked } from './crowd.js'
import type { Truth } from './incident-truth.js'

/** Acts that write one entry each time they change something: how the answer reads then, and the entry. */
const written: { [act: string]: { said: RegExp; kind: string; entry: RegExp } } = {
  note: { said: /^Noted on/, kind: 'note', entry: /^note / },
  task: { said: /^Task added/, kind: 'task', entry: /^Task: / },
  tick: { said: /^Done: /, kind: 'task', entry: /^Done: / },
  role: { said: /^Person \d+ is \w+(, taking over from .*)?\.$/, kind: 'role', entry: / is / },
  draft: { said: /^Drafted\. /, kind: 'update', entry: /^Drafted an update: draft / },
  publish: { said: /^Published\.$/, kind: 'update', entry: /^Published \(/ },
  severity: { said: / became /, kind: 'severity', entry: / became / },
  resolve: { said: / is resolved after /, kind: 'state', entry: /^Resolved, / },
  reopen: { said: / was reopened by /, kind: 'state', entry: / was reopened by / },
  guide: { said: /^You follow /, kind: 'guide', entry: / follows the guide / },
}

/** What an answer said that it changed is there as often as it was said, and nothing that nobody was told of. */
export function uncounted(clicked: Clicked[], { incidents, entries }: Truth, begun: number): string[] {
  return Object.entries(written).flatMap(([act, { said, kind, entry }]) =>
    incidents.flatMap(({ id }) => {
      const mine = clicked.filter((one) => one.act === act && one.incident === id)
      const told = mine.filter(({ reply }) => reply.kind === 'said' && said.test(reply.text)).length
      const own = entries.filter((one) => one.incident === id && one.kind === kind && entry.test(one.text)).length
      const before = act === 'guide' ? begun : 0
      return own === told + before ? [] : [`INC-${id}: ${told} times ${act} was said to be done, ${own} times it was`]
    }),
  )
}

/** Every click has an answer: what changed, that it is so already, or a refusal that says what, why and what next. */
export const unanswered = (clicked: Clicked[]): string[] =>
  clicked.flatMap(({ by, act, reply }) => {
    const missing = lacking(reply)
    return missing === null ? [] : [`${by} pressed ${act} and was answered without ${missing}`]
  })

function lacking(reply: Reply): string | null {
  if (reply.kind === 'said' || reply.kind === 'accepted') return reply.text.trim() === '' ? 'words' : null
  if (reply.kind !== 'refused') return 'an answer of its kind'
  const { what, why, next } = reply.refusal
  const parts = { what, why, next }
  return Object.entries(parts).find(([, words]) => words.trim() === '')?.[0] ?? null
}
