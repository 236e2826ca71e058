import type { Press } from '../commands/command.js'
import { refused } from '../errors.js'
import type { RunView, StepRecord } from '../runs/run.js'
import { giveAnswer } from './answering.js'
import type { Conversation } from './conversation.js'
import { plain } from './drawing/plain.js'
import { runLines, stepLine } from './drawing/run-lines.js'
import type { ExitCode } from './exit-codes.js'
import { startConversation, type Wishes } from './speaking.js'
import type { Terminal } from './terminal.js'

/** How an answer is given: which ask when several are open, and the digest of the plan a script has read. */
export type AnswerWishes = Wishes & { step?: string; digest?: string; self?: boolean }

/**
 * Approves the plan that this person has seen: it is printed and confirmed here, or its digest is named. What the
 * server compares is the digest of what was shown, so a plan that changed meanwhile is not approved.
 */
export async function approve(terminal: Terminal, run: number, wishes: AnswerWishes): Promise<ExitCode> {
  const conversation = await startConversation(terminal)
  const view = await conversation.run(run)
  const shown = shownAsk(view, wishes)
  await requireSeen(terminal, view, wishes)
  return press(terminal, conversation, { name: wishes.self ? 'confirm' : 'approve', ...shown }, wishes)
}

export async function reject(terminal: Terminal, run: number, reason: string, wishes: AnswerWishes): Promise<ExitCode> {
  const conversation = await startConversation(terminal)
  const shown = shownAsk(await conversation.run(run), wishes)
  return press(terminal, conversation, { name: 'reject', ...shown, reason }, wishes)
}

/** Answers a question of a run, such as a guide's, with one of its answers. */
export async function choose(
  terminal: Terminal,
  run: number,
  answer: string,
  wishes: AnswerWishes & { reason: string },
): Promise<ExitCode> {
  const conversation = await startConversation(terminal)
  const view = await conversation.run(run)
  const shown = shownAsk(view, wishes)
  const asked = view.steps.find(({ key }) => key === shown.step)?.step
  const answers = asked?.verb === 'ask' ? asked.answers : []
  const meant = answers.find(({ value, label }) =>
    [value, label].some((one) => one.toLowerCase() === answer.toLowerCase()),
  )
  if (!meant)
    throw refused('choice-unknown', `“${plain(shown.step, 60)}” has no such answer.`, {
      wanted: answers
        .map(({ value, label }) => (value === label ? value : `${value} (${plain(label, 40)})`))
        .join(', '),
      came: plain(answer, 60),
      next: 'Answer with one of them.',
    })
  return press(terminal, conversation, { name: 'choose', ...shown, answer: meant.value, reason: wishes.reason }, wishes)
}

export async function cancel(terminal: Terminal, run: number, reason: string, wishes: Wishes): Promise<ExitCode> {
  return press(terminal, await startConversation(terminal), { name: 'cancel', run, reason }, wishes)
}

/** Prints a run as its card shows it. */
export async function showRun(terminal: Terminal, run: number, wishes: Wishes): Promise<ExitCode> {
  const view = await (await startConversation(terminal)).run(run)
  return giveAnswer(terminal, { reply: { kind: 'run', view } }, wishes.json ?? false)
}

async function press(terminal: Terminal, conversation: Conversation, press: Press, wishes: Wishes): Promise<ExitCode> {
  return giveAnswer(terminal, { reply: await conversation.press(press) }, wishes.json ?? false)
}

function shownAsk(view: RunView, wishes: AnswerWishes) {
  const open = view.steps.filter((record) => record.step.verb === 'ask' && record.state === 'waiting')
  const ask = wishes.step ? open.find((record) => record.key === wishes.step) : onlyOne(open)
  if (!ask) throw nothingToAnswer(view, open)
  return { run: view.run.id, step: ask.key, round: ask.round, digest: view.run.plan?.digest ?? '' }
}

const onlyOne = (open: StepRecord[]) => (open.length === 1 ? open[0] : undefined)

function nothingToAnswer(view: RunView, open: StepRecord[]) {
  const came = open.length === 0 ? `it is ${view.run.state}` : `several wait: ${open.map(stepLine).join('; ')}`
  return refused('nothing-to-answer', `Run #${view.run.id} asks nothing that this answers.`, {
    wanted: 'one question that waits for an answer',
    came,
    next: open.length === 0 ? `See it with \`shipmate run ${view.run.id}\`.` : 'Name one with --step <key>.',
  })
}

async function requireSeen(terminal: Terminal, view: RunView, wishes: AnswerWishes): Promise<void> {
  const digest = view.run.plan?.digest ?? ''
  if (wishes.digest !== undefined) {
    if (wishes.digest.length >= 8 && digest.startsWith(wishes.digest)) return
    throw refused('plan-changed', `Run #${view.run.id} has another plan than the one you name.`, {
      wanted: `a plan ${plain(wishes.digest, 64)}, in at least 8 digits`,
      came: `plan ${digest.slice(0, 12)}`,
      next: `Read it with \`shipmate run ${view.run.id}\`, then name its digest.`,
    })
  }
  for (const line of runLines(view, terminal.clock.now())) terminal.err(line)
  if (!terminal.interactive) {
    throw refused('terminal-words', 'An approval names the plan it is for.', {
      wanted: '--digest with the plan you read',
      came: 'none, and nobody to ask',
      next: `Read it above, then run \`shipmate approve ${view.run.id} --digest ${digest.slice(0, 12)}\`.`,
    })
  }
  const answer = await terminal.read('Approve this plan? [y/N] ')
  if (!/^y(es)?$/i.test(answer.trim())) {
    throw refused('not-confirmed', 'Nothing was approved.', { next: 'Answer y to approve.' })
  }
}
