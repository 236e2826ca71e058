import { CommanderError, InvalidArgumentError, Command as Program } from 'commander'
import type { Command, Usage } from '../commands/command.js'
import { giveError } from './answering.js'
import { giveFindings } from './examining.js'
import { type ExitCode, exitCodes } from './exit-codes.js'
import { checkGuides, printImported } from './guides.js'
import { login } from './login.js'
import { type AnswerWishes, approve, cancel, choose, reject, showRun } from './pressing.js'
import { type RestoreFilesWishes, restoreFiles } from './restore-files.js'
import { type RestoreSelfWishes, restoreSelf } from './restore-self.js'
import { speak, type Wishes } from './speaking.js'
import { type TakeoverWishes, takeOver } from './takeover.js'
import type { Terminal } from './terminal.js'
import { verifyAudit } from './trail.js'
import type { ManifestWishes, Workbench } from './workbench.js'

export type CliParts = {
  terminal: Terminal
  commands: Command[]
  workbench: Workbench
  version: string
  /** Starts Shipmate in this process, as the words of the command line say. */
  start(): Promise<void>
}

/** Runs `shipmate <args>`; resolves with what the process ends with and never rejects. */
export async function runCli(args: string[], parts: CliParts): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done
  const ends = async (work: Promise<ExitCode>) => {
    code = await work
  }
  try {
    await buildProgram(parts, ends).parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.words
    return giveError(parts.terminal, error, args.includes('--json'))
  }
}

type Ends = (work: Promise<ExitCode>) => Promise<void>

function buildProgram(parts: CliParts, ends: Ends): Program {
  const { terminal } = parts
  const program = new Program('shipmate')
    .description('Ship software and bring it back when it breaks, from the terminal, under the rules of Slack.')
    .version(parts.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed, 2 wrong words, 3 refused, 4 no answer, 5 faulted, 6 stopped.',
    )
  for (const command of parts.commands) addSpoken(program, command, terminal, ends)
  addAnswers(program, terminal, ends)
  addWorkbench(program, parts, ends)
  addRestoreSelf(program, parts, ends)
  addGuides(program, parts, ends)
  addRoles(program, parts)
  return program
}

/** The commands of Slack, from the same declarations. */
function addSpoken(program: Program, command: Command, terminal: Terminal, ends: Ends): void {
  program
    .command(command.name)
    .argument('[words...]', command.usages.map(({ usage }) => bare(usage).slice(command.name.length + 1)).join(' or '))
    .description(command.summary)
    .allowUnknownOption(command.wordsAsOptions === true)
    .option('--wait', 'follow the run to its end')
    .option('--json', 'print one JSON document')
    .addHelpText('after', `\nSuch as:\n${command.usages.map(exampleLine).join('\n')}`)
    .action((words: string[], wishes: Wishes) => ends(speak(terminal, command.name, words, wishes)))
}

const exampleLine = ({ example, summary }: Usage) => `  shipmate ${bare(example)}   ${summary}`

// Declarations show commands with Slack's slash.
const bare = (line: string) => line.replace(/^\//, '')

function addAnswers(program: Program, terminal: Terminal, ends: Ends): void {
  const onRun = (name: string, description: string) =>
    program
      .command(name)
      .argument('<run>', 'its number', runNumber)
      .description(description)
      .option('--json', 'print one JSON document')
  onRun('run', 'show a run as its card does').action((run: number, wishes: Wishes) =>
    ends(showRun(terminal, run, wishes)),
  )
  onRun('approve', 'approve the plan of a run, after reading it')
    .option('--digest <digest>', 'the plan you have read, instead of the question')
    .option('--step <key>', 'which question, when several are open')
    .option('--self', 'confirm your own, where the policy allows it')
    .action((run: number, wishes: AnswerWishes) => ends(approve(terminal, run, wishes)))
  onRun('reject', 'reject the plan of a run')
    .requiredOption('--reason <words>', 'why')
    .option('--step <key>', 'which question, when several are open')
    .action((run: number, wishes: AnswerWishes & { reason: string }) =>
      ends(reject(terminal, run, wishes.reason, wishes)),
    )
  program
    .command('choose')
    .argument('<run>', 'its number', runNumber)
    .argument('<answer>', 'one of the answers that the question has')
    .description('answer a question of a run, such as a step of a guide')
    .option('--step <key>', 'which question, when several are open')
    .option('--reason <words>', 'why; skipping takes one', '')
    .option('--json', 'print one JSON document')
    .action((run: number, answer: string, wishes: AnswerWishes & { reason: string }) =>
      ends(choose(terminal, run, answer, wishes)),
    )
  onRun('cancel', 'stop a run; what it did is undone')
    .option('--reason <words>', 'why', 'cancelled from the terminal')
    .action((run: number, wishes: Wishes & { reason: string }) => ends(cancel(terminal, run, wishes.reason, wishes)))
}

function addWorkbench(program: Program, { terminal, workbench }: CliParts, ends: Ends): void {
  program
    .command('login')
    .description('keep a personal token, read from standard input')
    .action(() => ends(login(terminal)))
  program
    .command('doctor')
    .description('say what this installation still needs')
    .option('--json', 'print one JSON document')
    .action((wishes: Wishes) =>
      ends(workbench.examine().then((found) => giveFindings(terminal, found, wishes.json ?? false))),
    )
  program
    .command('takeover')
    .description('carry unfinished runs to their end while no Shipmate does, with the database alone')
    .option('--reason <words>', 'why; it is shown on the cards')
    .option('--yes', 'without the question')
    .option(
      '--beside',
      'although a worker is alive, such as one that cannot reach the hosts; what it holds stays its own',
    )
    .option('--by-hand', 'only print the lines that bring the releases before back without Shipmate')
    .action((wishes: TakeoverWishes) => ends(takeOver(terminal, workbench, wishes)))
  program
    .command('manifest')
    .description('print the manifest that Slack makes the app from')
    .option('--prefix <word>', 'put before each command, when two installations share a workspace')
    .option('--name <name>', 'the name of the app')
    .option('--url <url>', 'where Slack sends to, for HTTP instead of Socket Mode')
    .action((wishes: ManifestWishes) => ends(giveManifest(terminal, workbench.manifest(wishes))))
  program
    .command('audit')
    .description('look after the audit trail')
    .command('verify')
    .argument('[run]', 'one run instead of all', runNumber)
    .description('follow the hashes of the trail; a row that was changed or taken out is found')
    .option('--json', 'print one JSON document')
    .action((run: number | undefined, wishes: Wishes) => ends(verifyAudit(terminal, run, wishes)))
}

function addRestoreSelf(program: Program, { terminal, workbench }: CliParts, ends: Ends): void {
  program
    .command('restore-self')
    .description('bring Shipmate’s own database back from its backups, when it is gone or damaged')
    .option('--list', 'only show what there is')
    .option('--from <label>', 'the end of this backup, instead of the latest moment')
    .option('--to <moment>', 'a moment, such as "14:02:11" or 2026-11-27T14:02:11Z')
    .option('--into <folder>', 'where the data goes when DATABASE_URL names a server of your own')
    .option('--dry-run', 'restore beside it, look at all of it, and change nothing')
    .option('--yes', 'without the question')
    .action((wishes: RestoreSelfWishes) => ends(restoreSelf(terminal, workbench, wishes)))
  program
    .command('restore-files')
    .argument('<database>', 'by its name under backups of the operator’s file')
    .description('lay the files of a backup into an empty folder, from its storage alone; no Shipmate has to run')
    .option('--list', 'only show what there is')
    .option('--into <folder>', 'where they go')
    .option('--from <label>', 'the end of this backup, instead of the latest moment')
    .option('--to <moment>', 'a moment, such as "14:02:11" or 2026-11-27T14:02:11Z')
    .action((database: string, wishes: RestoreFilesWishes) => ends(restoreFiles(terminal, workbench, database, wishes)))
}

function addGuides(program: Program, { terminal, workbench }: CliParts, ends: Ends): void {
  const guides = program.command('guides').description('look after recovery guides')
  guides
    .command('check')
    .argument('[folder]', 'left out: the guides that come with Shipmate and your own')
    .description('say what is wrong with guides, by file and line')
    .action((folder: string | undefined) => ends(checkGuides(terminal, workbench, folder)))
  guides
    .command('import')
    .argument('<file.md>', 'a runbook in Markdown')
    .description('print it as a guide: numbered actions and commands become steps, and no line is lost')
    .action((file: string) => ends(printImported(terminal, workbench, file)))
}

/** What `npm start` does in one process, apart: any number of each on one database. */
function addRoles(program: Program, { start }: CliParts): void {
  program.command('front').description('take in what comes from Slack and programs, and tell').action(start)
  program.command('worker').description('carry runs').action(start)
}

async function giveManifest(terminal: Terminal, yaml: Promise<string>): Promise<ExitCode> {
  terminal.out((await yaml).trimEnd())
  return exitCodes.done
}

function runNumber(text: string): number {
  const match = /^#?(\d{1,15})$/.exec(text)
  if (!match) throw new InvalidArgumentError('It is a number such as 482.')
  return Number(match[1])
}
