// `suite.js <file> <program> [words…]` runs tests: a command line that ends in vitest's words. What came out is written to
// the file, for ./repeat.js, which repeats what failed once nothing else runs, and ./report.js, which judges it.
import { writeFileSync } from 'node:fs'
import { run } from './run.js'

const [file, program, ...words] = process.argv.slice(2)
const written = (first) => writeFileSync(file, JSON.stringify({ program, words, first, again: [] }))

// In case this does not come to its own end.
written({ code: 'nothing', outcomes: null })
written(run(program, words, file))
