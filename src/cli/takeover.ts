import { refused } from '../errors.js'
import { hasEnded, type RunView } from '../runs/run.js'
import { plain } from './drawing/plain.js'
import { runLine, stepLine } from './drawing/run-lines.js'
import { type ExitCode, exitCodeOfState, exitCodes } from './exit-codes.js'
import { createNews } from './following.js'
import { personalToken } from './instance.js'
import type { Terminal } from './terminal.js'
import type { Takeover, Workbench } from './workbench.js'

export type TakeoverWishes = { reason?: string; yes?: boolean; byHand?: boolean; beside?: boolean }

/** Carries unfinished runs to their end while nothing of Shipmate does, with PostgreSQL alone. */
export async function takeOver(
  terminal: Terminal,
  workbench: Pick<Workbench, 'takeover'>,
  wishes: TakeoverWishes,
): Promise<ExitCode> {
  const takeover = await workbench.takeover(await personalToken(terminal))
  try {
    for (const line of foundLines(takeover)) terminal.out(line)
    if (wishes.byHand) return byHand(terminal, takeover)
    const mine = toCarry(takeover, wishes)
    if (mine.length === 0) {
      terminal.out('Nothing to take over.')
      return exitCodes.done
    }
    const reason = await reasonOf(terminal, wishes)
    await requireYes(terminal, takeover, mine, wishes)
    return await carryOn(terminal, takeover, mine, reason)
  } finally {
    await takeover.close()
  }
}

/** A worker that is alive takes up what waits, too; only what it holds could not be taken from it. */
function toCarry({ workers, runs }: Takeover, { beside }: TakeoverWishes): RunView[] {
  if (workers.length > 0 && !beside) return []
  return runs.filter(({ denial }) => denial === null).map(({ view }) => view)
}

function foundLines({ person, note, workers, runs }: Takeover): string[] {
  return [
    `You are ${plain(person.name)}. ${note}`.trim(),
    ...workers.map(
      ({ number, runs: own }) =>
        `Worker ${number} is alive and ${own.length > 0 ? `carries ${own.map((run) => `#${run}`).join(', ')}: left to it.` : 'carries nothing now.'}`,
    ),
    ...runs.flatMap(({ view, denial }) => [
      runLine(view.run),
      ...view.steps
        .filter(({ state }) => state === 'running' || state === 'waiting')
        .map((one) => `    ${stepLine(one)}`),
      ...(denial ? [`    left alone: ${plain(denial.what)} ${plain(denial.why)}`] : []),
    ]),
  ]
}

function byHand(terminal: Terminal, { runs }: Takeover): ExitCode {
  for (const { view } of runs) {
    const lines = view.run.plan?.byHand ?? []
    if (lines.length > 0) terminal.out(`\n# Back to ${plain(view.run.plan?.headline.from ?? '')}, for #${view.run.id}:`)
    for (const { does, run, see } of lines) terminal.out(`\n# ${plain(does)}\n${run}\n# you should see: ${plain(see)}`)
  }
  return exitCodes.done
}

async function reasonOf(terminal: Terminal, { reason }: TakeoverWishes): Promise<string> {
  const words = plain(reason ?? (terminal.interactive ? await terminal.read('Why do you take over? ') : ''), 500)
  if (words !== '') return words
  throw refused('terminal-words', 'A takeover needs a reason.', {
    wanted: '--reason with a few words; they are shown on the cards and their hash is in the trail',
    came: 'none',
    next: 'For example: npx shipmate takeover --reason "both workers are gone"',
  })
}

async function requireYes(terminal: Terminal, { workers }: Takeover, runs: RunView[], wishes: TakeoverWishes) {
  if (wishes.yes) return
  const which = runs.map(({ run }) => `#${run.id}`).join(', ')
  const beside = workers.length > 0 ? ' beside the workers that are alive' : ''
  const answer = terminal.interactive ? await terminal.read(`Carry ${which} to the end${beside}? [y/N] `) : ''
  if (/^y(es)?$/i.test(answer.trim())) return
  throw refused('not-confirmed', 'Nothing was taken over.', { next: 'Answer y, or add --yes.' })
}

const lookEvery = 250

async function carryOn(terminal: Terminal, takeover: Takeover, mine: RunView[], reason: string): Promise<ExitCode> {
  const url = await takeover.begin(
    reason,
    mine.map(({ run }) => run.id),
  )
  terminal.out(
    `Carrying on. Approvals are given from a terminal meanwhile: SHIPMATE_URL=${url} npx shipmate approve <run>`,
  )
  const news = createNews(terminal.out)
  for (;;) {
    const views = await Promise.all(mine.map(async (view) => (await takeover.view(view.run.id)) ?? view))
    for (const view of views) news(view)
    if (views.every(({ run }) => hasEnded(run.state))) return worst(views)
    if (terminal.interrupted.aborted) {
      terminal.err('Letting go: steps under way end first. Nothing is lost; Shipmate or another takeover goes on.')
      return exitCodes.interrupted
    }
    await terminal.clock.sleep(lookEvery, terminal.interrupted)
  }
}

function worst(views: RunView[]): ExitCode {
  const codes = views.flatMap(({ run }) => (hasEnded(run.state) ? [exitCodeOfState(run.state)] : []))
  return codes.find((code) => code !== exitCodes.done) ?? exitCodes.done
}
