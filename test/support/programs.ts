import { readdirSync, readFileSync } from 'node:fs'

/** Command lines of processes of this machine that name the folder; what a stopped Shipmate left running there. */
export function programsOf(dir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(commandLine)
    .filter((line) => line.includes(dir))
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // It ended while it was looked at.
    return ''
  }
}
