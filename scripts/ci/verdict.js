/** More than this is no flakiness, and repeating it would only take time. */
const mostRepeated = 12

const isFailed = ({ state }) => state === 'failed'

/** Test files to repeat after a run `{ code, outcomes }`; none when it came to no end or too many failed. */
export function filesToRepeat({ outcomes }) {
  const files = new Set((outcomes ?? []).filter(isFailed).map(({ file }) => file))
  files.delete(null)
  return files.size > mostRepeated ? [] : [...files]
}

/**
 * What became of a suite, of its first run and those `again` of single files: `{ passed, skipped, failures, flaky }`,
 * numbers and lists of `{ name, message }`. Flaky is what passed in one of two runs. Failed is the rest, and a run that
 * vitest calls failed without naming what.
 */
export function verdictOf({ first, again }) {
  const once = first.outcomes ?? []
  const twice = again.flatMap(({ outcomes }) => outcomes ?? [])
  const late = twice.filter(isFailed)
  const early = once.filter(isFailed)
  const flaky = [
    ...early.filter((one) => passedIn(twice, one)).map(worded('failed once, passed when repeated')),
    ...late.filter((one) => passedIn(once, one)).map(worded('passed once, failed when repeated')),
  ]
  const twiceFailed = late.filter((one) => !passedIn(once, one))
  const failures = [
    ...[first, ...again].flatMap(unexplained),
    ...early.filter((one) => !passedIn(twice, one) && !twiceFailed.some(alike(one))).map(worded()),
    ...twiceFailed.map(worded()),
  ]
  // A file that could not be loaded the first time tells its tests the second time.
  const tests = [...once, ...twice.filter((one) => !once.some(alike(one)))].filter(({ test }) => test !== null)
  const count = (state) => tests.filter((one) => (passedIn(twice, one) ? 'passed' : one.state) === state).length
  return { passed: count('passed'), skipped: count('skipped'), failures, flaky }
}

const alike = (one) => (other) => one.file === other.file && one.test === other.test

/** A test when all of its name did; a file when it ran and nothing in it failed. */
function passedIn(outcomes, { file, test }) {
  if (test === null) {
    const ofFile = outcomes.filter((one) => one.file === file)
    return ofFile.length > 0 && !ofFile.some(isFailed)
  }
  const same = outcomes.filter(alike({ file, test }))
  return same.length > 0 && same.every(({ state }) => state === 'passed')
}

function unexplained({ code, outcomes }) {
  if (outcomes === null) return [{ name: 'a run of tests', message: `did not come to its end, and ended with ${code}` }]
  if (code === 0 || outcomes.some(isFailed)) return []
  return [{ name: 'a run of tests', message: `ended with ${code}, though no test failed: read what it wrote` }]
}

const worded =
  (what = '') =>
  ({ file, test, message }) => ({
    name: `${file ?? 'some file'}${test === null ? '' : ` > ${test}`}${what && `: ${what}`}`,
    message,
  })
