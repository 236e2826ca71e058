// How ./suite.js and ./repeat.js run vitest: its exit code, and what became of each test.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const reporter = fileURLToPath(new URL('outcomes.js', import.meta.url))

/** `{ code, outcomes }`; `outcomes` is null when it did not come to its own end. What it writes on the way goes to `file`. */
export function run(program, words, file) {
  const outcomes = `${file}.outcomes`
  rmSync(outcomes, { force: true })
  const { status } = spawnSync(program, [...words, '--reporter=default', `--reporter=${reporter}`], {
    stdio: 'inherit',
    env: { ...process.env, CI_OUTCOMES: outcomes },
  })
  return { code: status ?? 1, outcomes: existsSync(outcomes) ? JSON.parse(readFileSync(outcomes, 'utf8')) : null }
}
