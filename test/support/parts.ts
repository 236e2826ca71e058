import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Real programs that some tests run, with the names they go by and how to get them on Debian. */
const parts = {
  redis: { programs: ['redis-server', 'valkey-server'], get: 'apt-get install redis-server' },
  alertmanager: {
    programs: ['prometheus-alertmanager', 'alertmanager'],
    get: 'apt-get install prometheus-alertmanager',
  },
  prometheus: { programs: ['prometheus'], get: 'apt-get install prometheus' },
  pgbackrest: { programs: ['pgbackrest'], get: 'apt-get install pgbackrest' },
  postgresql: {
    programs: ['pg_basebackup'],
    get: 'apt-get install postgresql',
  },
  restic: { programs: ['restic'], get: 'apt-get install restic' },
  git: { programs: ['git'], get: 'apt-get install git' },
  zstd: { programs: ['zstd'], get: 'apt-get install zstd' },
  openssl: { programs: ['openssl'], get: 'apt-get install openssl' },
  chromium: { programs: ['chromium', 'chromium-browser', 'google-chrome'], get: 'apt-get install chromium' },
} as const

export type PartName = keyof typeof parts

/**
 * The path of a real part, for `test.skipIf(!part)`. Where it is absent: an error under CI, elsewhere null and one loud
 * line that says what is not tested.
 */
export function requirePart(name: PartName): string | null {
  const { programs, get } = parts[name]
  const found = programs.flatMap(placesOf).find(canRun)
  if (found) return found
  const line = `NOT TESTED: everything with ${name}, because ${programs.join(' or ')} is not installed (${get})`
  if (process.env.CI) throw new Error(line)
  process.stderr.write(`\n${'!'.repeat(4)} ${line}\n\n`)
  return null
}

/** True in `npm run soak -- <name>`; elsewhere one line says how to run what is too heavy for every run. */
export function optIn(name: string, command = `npm run soak -- ${name}`): boolean {
  if (process.env.SHIPMATE_SOAK === name) return true
  process.stderr.write(`\nopt-in, not run now: ${name}. Run it with: ${command}\n`)
  return false
}

/** True in `npm run soak -- <name>`: a test that runs everywhere, at its full size there and at a smaller one elsewhere. */
export const atFullSize = (name: string): boolean => process.env.SHIPMATE_SOAK === name

const placesOf = (program: string) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, program))

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
