import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { runCli } from '../../src/cli/program.js'
import { systemClock } from '../../src/clock.js'
import { createWorkbench } from '../../src/terminal-app.js'

const folder = mkdtempSync(join(tmpdir(), 'shipmate-guides-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function typed(...words: string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const terminal = {
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    interactive: false,
    read: async () => '',
    interrupted: new AbortController().signal,
    home: folder,
    clock: systemClock,
  }
  const takeover = async () => Promise.reject(new Error('not here'))
  const workbench = { ...createWorkbench('manifest.yml', {}), takeover }
  const code = await runCli(words, { terminal, commands: [], workbench, version: '0', start: async () => {} })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

test('the guides that come with Shipmate are checked when no folder is named', async () => {
  expect(await typed('guides', 'check')).toEqual({
    code: 0,
    out: '',
    err: expect.stringMatching(new RegExp(`^${readdirSync('guides').length} good, 0 mistakes`)),
  })
})

test('a mistake is told by file and line, and the program ends with 1', async () => {
  writeFileSync(join(folder, 'slow.md'), '# Slow\n\n## 1. Check: fast\n\n```yaml shipmate\nchekc: http.probe\n```\n')
  const { code, out } = await typed('guides', 'check', folder)
  expect(code).toBe(1)
  expect(out).toMatch(/\/slow\.md:\d+: wanted .*, came .*/)
  expect((await typed('guides', 'check', join(folder, 'nowhere'))).code).toBe(1)
})

const guideOf = (steps: string) => `# Slow\n\nIt is slow.\n\n${steps}`
const step = (heading: string, settings: string) => `## ${heading}\n\n\`\`\`yaml shipmate\n${settings}\n\`\`\`\n\n`

test('a check, an action or a job that does not exist is told by its line, with the nearest name', async () => {
  const dir = mkdtempSync(join(folder, 'names-'))
  const path = join(dir, 'slow.md')
  const good = step('1. Check: queries', 'key: queries\ncheck: postgres.slow-queries\nwith: { longerThan: 10s }')
  writeFileSync(path, guideOf(good.replace('slow-queries', 'slow-querys')))
  expect(await typed('guides', 'check', dir)).toMatchObject({
    code: 1,
    out: `${path}:5: wanted a check that exists, came postgres.slow-querys. Did you mean postgres.slow-queries?`,
  })
  writeFileSync(path, guideOf(good + step('2. Do: Cancel', 'do: postgres.cancle\nwith: { pid: 1 }')))
  const { out } = await typed('guides', 'check', dir)
  expect(out).toBe(
    `${path}:13: wanted a job or an action that exists, came postgres.cancle. Did you mean postgres.cancel?`,
  )
  writeFileSync(path, guideOf(good + step('2. Do: Back', 'do: rolback')))
  expect((await typed('guides', 'check', dir)).out).toContain('came rolback. Did you mean rollback?')
  writeFileSync(path, guideOf(good + step('2. Check: it sings', 'check: opera.sings')))
  expect((await typed('guides', 'check', dir)).out).toMatch(/came opera\.sings\. There are .*postgres\.…/)
})

test('an input that the check, action or job does not accept is told by its line, with what it wants', async () => {
  const dir = mkdtempSync(join(folder, 'inputs-'))
  const path = join(dir, 'slow.md')
  const first = step('1. Check: queries', 'key: queries\ncheck: postgres.slow-queries\nwith: { longerThan: soon }')
  const second = step('2. Do: Fewer', 'do: scale\nwith: { instances: many }')
  writeFileSync(path, guideOf(first + second))
  const { code, out } = await typed('guides', 'check', dir)
  expect(code).toBe(1)
  expect(out.split('\n')).toEqual([
    expect.stringMatching(/slow\.md:5: wanted an input that it accepts: longerThan: .*came \{"longerThan":"soon"\}/),
    expect.stringMatching(/slow\.md:13: wanted an input that it accepts: instances: .*came \{"instances":"many"\}/),
  ])
})

test('a runbook of others is printed as a guide that the check finds good', async () => {
  writeFileSync(join(folder, 'search.txt'), '# Search\n\n1. Look\n2. Restart it:\n\n       systemctl restart search\n')
  const { code, out } = await typed('guides', 'import', join(folder, 'search.txt'))
  expect(code).toBe(0)
  expect(out).toContain('## 2. Restart it:')
  writeFileSync(join(folder, 'slow.md'), out)
  expect((await typed('guides', 'check', folder)).code).toBe(0)
  expect((await typed('guides', 'import', join(folder, 'nothing.md'))).err).toContain('cannot be read')
})
