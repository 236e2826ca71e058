// `report.js <file>…` says what became of the suites that ./suite.js ran, what failed and what is flaky at the end, where
// it is found without reading back through all that passed. Ends with 1 when something failed twice.
import { readFileSync } from 'node:fs'
import { verdictOf } from './verdict.js'

const verdicts = process.argv.slice(2).map((file) => verdictOf(JSON.parse(readFileSync(file, 'utf8'))))
const failures = verdicts.flatMap((verdict) => verdict.failures)
const flaky = verdicts.flatMap((verdict) => verdict.flaky)
const sum = (of) => verdicts.reduce((total, verdict) => total + verdict[of], 0)
const [passed, skipped, failed] = [sum('passed'), sum('skipped'), failures.length]

for (const { name, message } of flaky) console.log(`\nFLAKY ${name}\n${message}`)
for (const { name, message } of failures) console.log(`\nFAILED ${name}\n${message}`)
const parts = [failed && `${failed} failed`, `${passed} passed`, skipped && `${skipped} skipped`].filter(Boolean)
console.log(`\n      Tests  ${parts.join(' | ')} (${passed + failed + skipped})`)
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)
