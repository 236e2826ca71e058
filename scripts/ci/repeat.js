// `repeat.js <file>…` runs the test files in which something failed once more, each alone, and adds to the files that
// ./suite.js wrote what came out.
import { readFileSync, writeFileSync } from 'node:fs'
import { run } from './run.js'
import { filesToRepeat } from './verdict.js'

for (const file of process.argv.slice(2)) {
  const { program, words, first } = JSON.parse(readFileSync(file, 'utf8'))
  // Not the files and folders that were named, which hold more than what failed.
  const others = words.filter((word) => !word.startsWith('test/'))
  const again = filesToRepeat(first).map((name) => {
    console.log(`\n== once more, alone: ${name}`)
    return run(program, [...others, name], file)
  })
  writeFileSync(file, JSON.stringify({ program, words, first, again }))
}
