import type { RunView } from '../../runs/run.js'
import { quote } from '../text.js'
import { type CheckRecord, gatesOf } from './parts-of-run.js'
import { gap, signs } from './signs.js'

/** What the gates say, counted, with a line of its own for each that needs reading. Empty without gates. */
export function gateLines(view: RunView): string[] {
  const gates = gatesOf(view)
  if (gates.length === 0) return []
  const of = (...states: CheckRecord['state'][]) => gates.filter(({ state }) => states.includes(state))
  const bad = of('failed', 'errored', 'timed out')
  const counts = [
    count(signs.done, of('passed'), 'passed'),
    count(signs.failed, bad, 'not passed'),
    named(signs.warning, of('warned'), 'warning', 'warnings'),
    named(signs.skipped, of('skipped', 'stopped'), 'skipped', 'skipped'),
    count(signs.running, of('running'), 'being checked'),
    count(signs.coming, of('pending', 'waiting'), 'to check'),
  ]
  return [['*Gates*', ...counts.filter((part) => part !== null)].join(gap), ...bad.slice(0, 5).map(badLine)]
}

function count(sign: string, gates: CheckRecord[], words: string): string | null {
  return gates.length === 0 ? null : `${sign} ${gates.length} ${words}`
}

/** One says why; of several only the number fits. */
function named(sign: string, gates: CheckRecord[], one: string, many: string): string | null {
  const [first, second] = gates
  if (!first) return null
  if (second) return `${sign} ${gates.length} ${many}`
  return `${sign} 1 ${one}: ${quote(first.evidence?.summary ?? first.step.title, 80)}`
}

function badLine({ step, state, evidence }: CheckRecord): string {
  return `${signs.failed} ${quote(step.title, 60)}: ${quote(evidence?.summary ?? state, 140)}`
}
