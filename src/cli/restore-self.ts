import type { RestorePoint } from '../backups/backup.js'
import { wallClock, zonedMoment } from '../clock.js'
import { asShipmateError, refused } from '../errors.js'
import { plain } from './drawing/plain.js'
import { backupLines, broughtLines, placedLines } from './drawing/restore-self-lines.js'
import { type ExitCode, exitCodes } from './exit-codes.js'
import type { Terminal } from './terminal.js'
import type { BroughtBack, RestoreSelf, Workbench } from './workbench.js'

export type RestoreSelfWishes = {
  from?: string
  to?: string
  into?: string
  list?: boolean
  yes?: boolean
  dryRun?: boolean
}

/** Brings Shipmate's own database back from its backups, while no Shipmate runs and its database may be gone. */
export async function restoreSelf(
  terminal: Terminal,
  workbench: Pick<Workbench, 'restoreSelf'>,
  wishes: RestoreSelfWishes,
): Promise<ExitCode> {
  requireOne(wishes)
  const { into } = wishes
  const options = { say: (line: string) => terminal.err(plain(line)), signal: terminal.interrupted }
  const self = await workbench.restoreSelf({ ...options, ...(into !== undefined && { into }) })
  try {
    if (self.finished !== null) {
      terminal.out('An earlier restore was stopped while the data took its place. It is finished now.')
      for (const line of placedLines({ kept: self.finished, next: ['Start Shipmate: npm start'] })) terminal.out(line)
      return exitCodes.done
    }
    for (const line of backupLines(self, wishes.list ? Number.POSITIVE_INFINITY : 5)) terminal.out(line)
    if (wishes.list) return exitCodes.done
    return await bringBack(terminal, self, pointOf(wishes, self, terminal.clock.now()), wishes)
  } finally {
    await self.close()
  }
}

async function bringBack(
  terminal: Terminal,
  self: RestoreSelf,
  point: RestorePoint,
  wishes: RestoreSelfWishes,
): Promise<ExitCode> {
  const brought = await broughtOrOlder(terminal, self, point)
  for (const line of broughtLines(brought, self)) terminal.out(line)
  if (wishes.dryRun) {
    terminal.out('Nothing was changed: this was a dry run, and what was restored is removed again.')
    return exitCodes.done
  }
  await requireYes(terminal, self, wishes)
  for (const line of placedLines(await brought.place())) terminal.out(line)
  return exitCodes.done
}

/** A trail that somebody changed is never put in place; the backup before it may be whole. */
async function broughtOrOlder(terminal: Terminal, self: RestoreSelf, point: RestorePoint): Promise<BroughtBack> {
  try {
    return await self.bring(point)
  } catch (thrown) {
    const { code, message, came, details } = asShipmateError(thrown)
    const older = details?.older
    if (code !== 'restore-self-chain-broken' || typeof older !== 'string' || !terminal.interactive) throw thrown
    terminal.err(plain(`${message} ${came ?? ''}`))
    if (!isYes(await terminal.read(`Try ${older}, which is older, instead? [y/N] `))) throw thrown
    return broughtOrOlder(terminal, self, { kind: 'backup', label: older })
  }
}

async function requireYes(terminal: Terminal, { target }: RestoreSelf, { yes }: RestoreSelfWishes): Promise<void> {
  if (yes) return
  const question = `Put it in place as ${target}? What is there now is kept beside it. [y/N] `
  if (terminal.interactive && isYes(await terminal.read(question))) return
  throw refused('not-confirmed', 'Nothing was put in place, and what was restored is removed again.', {
    next: 'Answer y, or add --yes.',
  })
}

const isYes = (answer: string) => /^y(es)?$/i.test(answer.trim())

/** Both at once say nothing. */
function requireOne({ from, to }: Pick<RestoreSelfWishes, 'from' | 'to'>): void {
  if (from !== undefined && to !== undefined) throw eitherOr()
}

/** What is asked for, the latest moment without words; `list` is what shows what there is. */
export function pointOf(
  { from, to }: Pick<RestoreSelfWishes, 'from' | 'to'>,
  { backups, zone }: Pick<RestoreSelf, 'backups' | 'zone'>,
  now: Date,
  list = 'npx shipmate restore-self --list',
): RestorePoint {
  requireOne({ ...(from !== undefined && { from }), ...(to !== undefined && { to }) })
  if (to !== undefined) return { kind: 'time', at: momentOf(to, zone, now, list) }
  if (from === undefined) return { kind: 'latest' }
  if (backups.some(({ label }) => label === from)) return { kind: 'backup', label: from }
  throw refused('restore-self-unknown', `There is no backup ${plain(from, 80)}.`, {
    wanted: 'the label of one that can be read',
    came: plain(from, 80),
    next: `${list} shows them.`,
  })
}

/** A whole moment with its zone, or what the clocks of the operator's zone show, today or on that day. */
function momentOf(text: string, zone: string, now: Date, list: string): Date {
  const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) ? new Date(text) : null
  const [, day = wallClock(now, zone).slice(0, 10), time, seconds = '0'] =
    /^(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d)(?::(\d\d))?$/.exec(text) ?? []
  const shown = time ? zonedMoment(day, time, zone).getTime() + Number(seconds) * 1_000 : Number.NaN
  const at = iso ?? new Date(shown)
  if (!Number.isNaN(at.getTime()) && at <= now) return at
  throw refused('terminal-words', 'That is no moment to go back to.', {
    wanted: 'a moment that was, such as "14:02:11", "2026-11-27 14:02" or 2026-11-27T14:02:11Z',
    came: plain(text, 60),
    next: `${list} shows from when to when there is something.`,
  })
}

const eitherOr = () =>
  refused('terminal-words', 'Both --from and --to say what to go back to.', {
    wanted: '--from for the end of one backup, or --to for a moment',
    came: 'both',
    next: 'Leave one of them out; without either it is the latest moment.',
  })
