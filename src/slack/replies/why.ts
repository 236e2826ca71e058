import type { Gate, Reply } from '../../commands/reply.js'
import type { CheckOutcome } from '../../runs/abilities.js'
import { context, type Message, message, section } from '../blocks.js'
import { signs } from '../cards/signs.js'
import { duration, plural, quote } from '../text.js'

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

/** What is broken, and where it may begin: the finding nearest to the ground first, then the others, worst first. */
export function diagnosisMessage(reply: Extract<Reply, { kind: 'diagnosis' }>): Message {
  const { begins, findings, skipped } = reply
  const where = `${quote(reply.service, 40)} in *${quote(reply.environment, 40)}*`
  const rest = findings.filter(({ title }) => title !== begins?.title)
  const notSetUp = skipped.length === 0 ? null : `not set up: ${quote(skipped.join(', '), 600)}`
  const head = `${begins ? signs.failed : signOfRest(findings)} ${where}: ${quote(reply.verdict, 200)}`
  const looked = `${plural(findings.length, 'check')} in ${duration(Math.max(1_000, reply.tookMs))}`
  return message(`${head.replaceAll('*', '')} ${begins ? quote(begins.evidence.summary, 200) : ''}`.trim(), [
    section(head, ...(begins ? findingLines(begins) : []), ...helpLines(reply.helps)),
    section(...rest.slice(0, 30).flatMap(findingLines)),
    context([looked, notSetUp].filter((part) => part !== null).join(' · ')),
  ])
}

/** A guide is followed in an incident: there people see who does what. */
const helpLines = (helps: { name: string; title: string }[]): string[] =>
  helps.map(
    ({ name, title }) =>
      `   A guide repairs that: *${quote(title, 80)}*. In an incident: \`/incident guide ${quote(name, 80)}\``,
  )

/** A check is titled by what should be: where it is not, what was found comes before what was looked for. */
function findingLines(finding: Gate): string[] {
  const { title, outcome, evidence } = finding
  const wanted = title.charAt(0).toLowerCase() + title.slice(1)
  const saysSo = evidence.summary.toLowerCase().startsWith(title.toLowerCase())
  if (outcome === 'pass')
    return saysSo ? [`${signs.done} ${quote(title.charAt(0) + evidence.summary.slice(1), 200)}`] : gateLines(finding)
  const checked = `checked: ${quote(wanted, 80)}`
  const line = `${outcomeSigns[outcome]} ${quote(evidence.summary, 200)} · ${checked}`
  return evidence.next ? [line, `   ${quote(evidence.next, 200)}`] : [line]
}

const signOfRest = (findings: Gate[]): string =>
  findings.length === 0 || findings.some(({ outcome }) => outcome !== 'pass') ? signs.warning : signs.done

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
