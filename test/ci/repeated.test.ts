import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { projectFolder } from '../../playground/floor/compiled.js'
import { plainEnv } from '../support/stage.js'

let dir: string
beforeEach(() => {
  const own = mkdtempSync(join(tmpdir(), 'shipmate-ci-'))
  dir = own
  mkdirSync(join(dir, 'test'))
  onTestFinished(() => rmSync(own, { recursive: true, force: true }))
})

const script = (name: string) => join(projectFolder, 'scripts', 'ci', name)
const plant = (name: string, text: string) => writeFileSync(join(dir, 'test', `${name}.test.js`), text)

/** Passes from the second time on. */
const onlyOnce = (name: string) =>
  `const { existsSync, writeFileSync } = await import('node:fs')
   const there = existsSync('${name}')
   writeFileSync('${name}', '')
   if (!there) `

/** Runs what was planted as `.ci/run` runs a suite; the exit code and the words of its report. */
async function reported(): Promise<{ code: number; said: string }> {
  const vitest = join(projectFolder, 'node_modules', 'vitest', 'vitest.mjs')
  const words = ['run', '--root', dir, '--globals', 'test/']
  const own = { cwd: dir, env: { ...plainEnv(), CI: 'true' } }
  await promisify(execFile)(
    process.execPath,
    [script('suite.js'), join(dir, 'planted.json'), process.execPath, vitest, ...words],
    own,
  )
  await promisify(execFile)(process.execPath, [script('repeat.js'), join(dir, 'planted.json')], own)
  const report = spawn(process.execPath, [script('report.js'), join(dir, 'planted.json')], own)
  let said = ''
  report.stdout.on('data', (text: Buffer) => {
    said += text
  })
  const [code] = await once(report, 'close')
  return { code, said }
}

test('what fails twice fails, and what failed once only is told as flaky beside it', async () => {
  plant('well', `test('is well', () => {})\ntest.skip('is left out', () => {})`)
  plant('broken', `test('holds', () => {})\ntest('never holds', () => { throw new Error('as planted') })`)
  plant('once', `test('holds later', async () => { ${onlyOnce('a')} throw new Error('too early') })`)
  const { code, said } = await reported()
  expect(code).toBe(1)
  expect(said).toMatch(/^FAILED test\/broken\.test\.js > never holds\n.*as planted/m)
  expect(said).toMatch(/^FLAKY test\/once\.test\.js > holds later: failed once, passed when repeated\n.*too early/m)
  expect(said.match(/^(FAILED|FLAKY) /gm)).toHaveLength(2)
  expect(said).toMatch(/Tests {2}1 failed \| 3 passed \| 1 skipped \(5\)\n3 passed, 1 failed\n$/)
})

test('what passed when it was repeated fails nothing, be it a test, a hook, a file or an error that nobody awaited', async () => {
  plant(
    'one',
    `test('holds later', async () => { ${onlyOnce('a')} throw new Error('too early') })
     describe('all', () => {
       beforeAll(async () => { ${onlyOnce('b')} throw new Error('no part') })
       test('holds', () => {})
     })`,
  )
  plant('file', `${onlyOnce('c')} throw new Error('no file')\ntest('holds', () => {})`)
  plant(
    'late',
    `test('holds', async () => { ${onlyOnce('d')} void Promise.reject(new Error('unheard'))\nawait new Promise((done) => setTimeout(done, 50)) })`,
  )
  const { code, said } = await reported()
  expect(said.match(/^(FAILED|FLAKY) .*/gm)?.sort()).toEqual([
    'FLAKY test/file.test.js: failed once, passed when repeated',
    'FLAKY test/late.test.js: failed once, passed when repeated',
    'FLAKY test/one.test.js > holds later: failed once, passed when repeated',
    'FLAKY test/one.test.js: failed once, passed when repeated',
  ])
  expect(said).toMatch(/\n4 passed, 0 failed\n$/)
  expect(code).toBe(0)
})

test('a run that ends badly without a failed test fails, and so does one that never ends', async () => {
  plant('gone', `test('holds', () => {})\nafterAll(() => new Promise((done) => setTimeout(done, 10)))`)
  writeFileSync(join(dir, 'vitest.config.js'), `export default { test: { globalSetup: './setup.js' } }`)
  writeFileSync(join(dir, 'setup.js'), `export default () => () => { process.exitCode = 3 }`)
  expect(await reported()).toMatchObject({
    code: 1,
    said: expect.stringMatching(/^FAILED a run of tests\nended with \d, though no test failed/m),
  })
  writeFileSync(join(dir, 'setup.js'), `export default () => { process.exit(0) }`)
  expect(await reported()).toMatchObject({
    code: 1,
    said: expect.stringMatching(/^FAILED a run of tests\ndid not come to its end/m),
  })
})
