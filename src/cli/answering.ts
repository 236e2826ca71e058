import type { Noted, Refusal, Reply } from '../commands/reply.js'
import { asShipmateError, type ShipmateError } from '../errors.js'
import { hasEnded, type RunView } from '../runs/run.js'
import { historyWords } from './drawing/incident-lines.js'
import { plain } from './drawing/plain.js'
import { refusalLines, replyLines } from './drawing/reply-lines.js'
import { type ExitCode, exitCodeOfState, exitCodes } from './exit-codes.js'
import type { Terminal } from './terminal.js'

/** What a command ends with: a reply, and the run it was followed to when it was. */
export type Answer = { reply: Noted; view?: RunView }

/** Prints an answer, as lines or as one JSON document, and says what to end with. */
export function giveAnswer(terminal: Terminal, answer: Answer, json: boolean): ExitCode {
  const { reply, view } = answer
  if (json) terminal.out(JSON.stringify(view ? { reply, run: view } : { reply }, null, 2))
  else if (!view) print(terminal, reply)
  if (!json && reply.note) terminal.err(plain(reply.note))
  return view && hasEnded(view.run.state) ? exitCodeOfState(view.run.state) : exitCodeOfReply(reply)
}

function print(terminal: Terminal, reply: Reply): void {
  const write = reply.kind === 'refused' || reply.kind === 'form' ? terminal.err : terminal.out
  for (const line of replyLines(reply, terminal.clock.now())) write(line)
  // Beside the document, which may be on its way into a file.
  if (reply.kind === 'document' && reply.history) terminal.err(historyWords(reply.history, terminal.clock.now()))
}

/** Words that were not understood are the desk's refusals with these codes. */
const wordCodes = new Set([
  ...['unclear', 'run-unknown', 'service-unknown', 'environment-unknown', 'version-unknown'],
  'routine-unknown',
])

function exitCodeOfReply(reply: Reply): ExitCode {
  if (reply.kind === 'form') return exitCodes.words
  if (reply.kind === 'refused') return wordCodes.has(reply.refusal.code) ? exitCodes.words : exitCodes.refused
  if (reply.kind === 'run' && hasEnded(reply.view.run.state)) return exitCodeOfState(reply.view.run.state)
  return exitCodes.done
}

/** Prints what went wrong where errors belong, and says what to end with. */
export function giveError(terminal: Terminal, thrown: unknown, json: boolean): ExitCode {
  const error = asShipmateError(thrown)
  const refusal = refusalOf(error)
  if (json) terminal.out(JSON.stringify({ error: { kind: error.kind, ...refusal } }, null, 2))
  else for (const line of refusalLines(refusal)) terminal.err(line)
  return exitCodeOfError(error)
}

function refusalOf(error: ShipmateError): Refusal {
  const why = error.wanted && error.came ? `Wanted ${error.wanted}, came ${error.came}.` : (error.came ?? '')
  return { code: error.code, what: error.message, why, next: error.next ?? '' }
}

const byCode: { [code: string]: ExitCode } = {
  'shipmate-unreachable': exitCodes.unreachable,
  'not-running': exitCodes.unreachable,
  'answer-unknown': exitCodes.unreachable,
  'terminal-words': exitCodes.words,
  'request-malformed': exitCodes.words,
  'request-too-large': exitCodes.words,
  'no-such-run': exitCodes.words,
  interrupted: exitCodes.interrupted,
}

function exitCodeOfError(error: ShipmateError): ExitCode {
  const known = byCode[error.code]
  if (known !== undefined) return known
  if (error.kind === 'refused') return exitCodes.refused
  if (error.kind === 'stopped') return exitCodes.stopped
  return error.kind === 'faulted' ? exitCodes.faulted : exitCodes.failed
}
