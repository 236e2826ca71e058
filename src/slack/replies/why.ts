import type { Gate, Reply } from '../../commands/reply.js'
import type { CheckOutcome } from '../../runs/abilities.js'
import { type Message, message, section } from '../blocks.js'
import { signs } from '../cards/signs.js'
import { plural, quote } from '../text.js'

/** Why one may or may not deploy: every gate at once, what stands in the way first. */
export function whyMessage({ service, environment, mayGo, gates }: Extract<Reply, { kind: 'why' }>): Message {
  const against = gates.filter(({ outcome }) => outcome === 'fail' || outcome === 'error')
  const where = `${quote(service, 40)} to *${quote(environment, 40)}*`
  const head = mayGo
    ? `${signs.done} Nothing keeps you from deploying ${where}.`
    : `${signs.failed} You cannot deploy ${where} now: ${plural(against.length, 'gate')} ${against.length === 1 ? 'stands' : 'stand'} in the way.`
  const inOrder = [...against, ...gates.filter((gate) => !against.includes(gate))]
  return message(head.replaceAll('*', ''), [section(head), section(...inOrder.slice(0, 30).flatMap(gateLines))])
}

const outcomeSigns: { [outcome in CheckOutcome]: string } = {
  pass: signs.done,
  warn: signs.warning,
  fail: signs.failed,
  error: signs.failed,
  skip: signs.skipped,
}

const outcomeWords: { [outcome in CheckOutcome]: string } = {
  pass: '',
  warn: ' (warning)',
  fail: '',
  error: ' (could not tell)',
  skip: ' (skipped)',
}

function gateLines({ title, outcome, evidence }: Gate): string[] {
  const line = `${outcomeSigns[outcome]} ${quote(title, 80)}${outcomeWords[outcome]}: ${quote(evidence.summary, 200)}`
  return evidence.next && outcome !== 'pass' ? [line, `   ${quote(evidence.next, 200)}`] : [line]
}
