import type { Parsed } from '../command.js'
import { cut, problem } from '../place.js'

const examples = {
  done: '/ops routines done certificates all of them are good until March',
  skip: '/ops routines skip certificates because the new proxy renews them',
}

/** /ops routines: without words the calendar; `done <name> …` and `skip <name> …` say what became of one that is due. */
export function parseRoutines(words: string[]): Parsed {
  const [first, name, ...rest] = words
  if (first === undefined || (name === undefined && /^(list|all|due)$/i.test(first)))
    return { kind: 'query', query: { name: 'routines' } }
  const done = /^(done|did|tick)$/i.test(first)
  if (!done && !/^skip(ped)?$/i.test(first))
    return problem(`A routine can be done or skipped, not "${cut(first)}".`, examples.done)
  if (name === undefined) return problem('Say which one, by its name.', done ? examples.done : examples.skip)
  const note = (/^(because|as|since|:|-|–|—)$/i.test(rest[0] ?? '') ? rest.slice(1) : rest).join(' ').trim()
  if (!done && note === '') return problem('Say why: it stands beside it in the channel.', examples.skip)
  return { kind: 'act', act: { name: 'routine', routine: name.toLowerCase(), as: done ? 'done' : 'skipped', note } }
}
