// `suite.js <file> <program> [words…]` runs tests: a command line that ends in vitest's words. The test files in which
// something failed run once more, each alone. What came out is written to the file, for ./report.js, which judges it.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { filesToRepeat } from './verdict.js'

const [file, program, ...words] = process.argv.slice(2)

// In case this does not come to its own end.
writeFileSync(file, JSON.stringify({ first: { code: 'nothing', outcomes: null }, again: [] }))
const first = run(words)
const files = filesToRepeat(first)
writeFileSync(file, JSON.stringify({ first, again: files.map(repeated) }))

function repeated(name) {
  console.log(`\n== once more, alone: ${name}`)
  // Not the files and folders that were named, which hold more than what failed.
  return run([...words.filter((word) => !word.startsWith('test/')), name])
}

/** Vitest's exit code, and what became of each test; null when it did not come to its end. */
function run(args) {
  const outcomes = `${file}.outcomes`
  rmSync(outcomes, { force: true })
  const reporter = fileURLToPath(new URL('outcomes.js', import.meta.url))
  const { status } = spawnSync(program, [...args, '--reporter=default', `--reporter=${reporter}`], {
    stdio: 'inherit',
    env: { ...process.env, CI_OUTCOMES: outcomes },
  })
  return { code: status ?? 1, outcomes: existsSync(outcomes) ? JSON.parse(readFileSync(outcomes, 'utf8')) : null }
}
