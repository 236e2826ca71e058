// A reporter of vitest that writes what became of every test to the file that CI_OUTCOMES names, for ./suite.js.
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'

/**
 * `[{ file, test, state, message }]`. `test` is null for what went wrong outside every test: a file that cannot be loaded,
 * a hook, an error that nobody awaited; of the last kind vitest may not know the file, which is null then.
 */
export default class Outcomes {
  onTestRunEnd(modules, unhandled) {
    const outcomes = [...modules.flatMap(ofModule), ...unhandled.map(ofUnhandled)]
    writeFileSync(process.env.CI_OUTCOMES, JSON.stringify(outcomes))
  }
}

function ofModule(module) {
  const file = nameOf(module.moduleId)
  const around = [module, ...module.children.allSuites()].flatMap((suite) => suite.errors())
  const tests = [...module.children.allTests()].map((test) => {
    const { state, errors } = test.result()
    return { file, test: test.fullName, state, message: wordsOf(errors ?? []) }
  })
  return [...tests, ...around.map((error) => ({ file, test: null, state: 'failed', message: wordsOf([error]) }))]
}

const ofUnhandled = (error) => ({
  file: error.VITEST_TEST_PATH ? nameOf(error.VITEST_TEST_PATH) : null,
  test: null,
  state: 'failed',
  message: wordsOf([error]),
})

const nameOf = (path) => relative(process.cwd(), path)

const wordsOf = (errors) => errors.map((error) => error.stack || error.message || String(error)).join('\n')
