import { readFile } from 'node:fs/promises'
import { failed, ShipmateError } from '../../../errors.js'
import { isFull, storageFull } from '../problems.js'
import { type ProgramEnd, runProgram, runsAs } from '../programs.js'
import type { PgBackRestSettings } from './settings.js'

export type Tool = {
  settings: PgBackRestSettings
  /** Every exit code is an answer. */
  end(words: string[], signal: AbortSignal, onLine?: (line: string) => void): Promise<ProgramEnd>
  /** Throws what pgBackRest said no with; `doing` completes "pgBackRest could not …". */
  run(doing: string, words: string[], signal: AbortSignal, onLine?: (line: string) => void): Promise<ProgramEnd>
  /** What its file says for this stanza; null where it says nothing or cannot be read. */
  option(name: string): Promise<string | null>
}

/** pgBackRest with its file and stanza; what it answers is read by whoever asked. */
export function createTool(settings: PgBackRestSettings): Tool {
  const { program, config, stanza } = settings
  const as = runsAs(settings.user)
  const end: Tool['end'] = (words, signal, onLine) => {
    const [command = '', ...rest] = words
    const where = [`--config=${config}`, `--stanza=${stanza}`, '--log-timestamp=n']
    return runProgram({ program, words: [command, ...where, ...rest], signal, as, onLine })
  }
  return {
    settings,
    end,
    async run(doing, words, signal, onLine) {
      const ended = await end(words, signal, onLine)
      if (ended.code !== 0) throw refusal(doing, settings, ended)
      return ended
    },
    option: async (name) => optionOf(await readFile(config, 'utf8').catch(() => ''), stanza, name),
  }
}

/** Its own words without the noise: the error with its hints. */
export function refusal(doing: string, settings: PgBackRestSettings, { code, output, complaints }: ProgramEnd) {
  const said = `${complaints}\n${output}`
  const came = errorIn(said) ?? (said.trim().split('\n').slice(-5).join('\n') || `it ended with ${code}`)
  if (isFull(came)) return storageFull('pgBackRest’s repository', came)
  const more = { came, details: { code } }
  if (code === 50 || /unable to acquire lock/.test(came))
    return failed('backup-busy', `another backup of ${settings.stanza} runs`, {
      ...more,
      transient: true,
      next: 'Wait until it has ended.',
    })
  if (/stanza-create|missing stanza|unable to load info file/.test(came)) return notSetUp(settings, came)
  return new ShipmateError('failed', 'backup-tool-failed', `pgBackRest could not ${doing}`, {
    ...more,
    next: nextFor(came),
  })
}

export const notSetUp = ({ stanza, config }: PgBackRestSettings, came: string) =>
  failed('backup-not-set-up', `pgBackRest has no stanza ${stanza} in its repository`, {
    wanted: `a stanza ${stanza} as ${config} describes it`,
    came,
    next: `Run: pgbackrest --config=${config} --stanza=${stanza} stanza-create`,
  })

function nextFor(came: string): string {
  if (/archive_command|not archived before/.test(came))
    return 'Set archive_mode and archive_command on the server as pgBackRest’s guide says, and look into the server’s log.'
  if (/unable to find primary|unable to connect|connection/i.test(came))
    return 'Look whether the server runs and pg1-path, pg1-port and pg1-socket-path are right.'
  if (/ChecksumError|checksum/i.test(came)) return 'This backup is damaged: verify it, and use another one.'
  if (/Permission denied/i.test(came)) return 'Let the user that pgBackRest runs as read and write there.'
  return 'pgBackRest’s own words say what is wrong.'
}

/** "ERROR: [082]: …" with the indented lines that follow it. */
function errorIn(said: string): string | null {
  const lines = said.split('\n')
  const first = lines.findIndex((line) => /ERROR: \[\d+\]/.test(line))
  if (first === -1) return null
  const more = lines.slice(first + 1).findIndex((line) => !/^\s+\S/.test(line))
  const last = more === -1 ? lines.length : first + 1 + more
  return lines
    .slice(first, last)
    .map((line) => line.replace(/^.*ERROR: /, '').trim())
    .join('\n')
    .slice(0, 1500)
}

/** Of `[stanza]`, else of `[global]`, as pgBackRest reads its file. */
export function optionOf(text: string, stanza: string, name: string): string | null {
  const found = new Map<string, string>()
  let section = ''
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (/^\[.+\]$/.test(line)) section = line.slice(1, -1)
    const at = line.indexOf('=')
    if (at > 0 && !line.startsWith('#') && line.slice(0, at).trim() === name)
      found.set(section, line.slice(at + 1).trim())
  }
  return found.get(stanza) ?? found.get('global') ?? null
}
