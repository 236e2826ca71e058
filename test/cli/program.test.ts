import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ShipmateError } from '../../src/errors.js'
import { endedStates } from '../../src/runs/run.js'
import { deployRun, startTerminalFace, token } from '../support/terminal-face.js'
import { noWorkbench, openTypedTerminal } from '../support/typed-terminal.js'

let face: Awaited<ReturnType<typeof startTerminalFace>>
let terminal: ReturnType<typeof openTypedTerminal>

beforeEach(async () => {
  face = await startTerminalFace()
  terminal = openTypedTerminal({ SHIPMATE_URL: face.url, SHIPMATE_TOKEN: token })
})
afterEach(async () => {
  terminal.close()
  await face.close()
})

const accepted = (view = deployRun()) => {
  face.face.reply = { kind: 'accepted', run: view.run, text: 'Asked for.', first: true }
  return view
}

describe('speaking', () => {
  test('the words go as they were typed, and the answer comes back as lines', async () => {
    accepted()
    const { code, out } = await terminal.type(['deploy', 'prod', 'v1.8.0'])
    expect(code).toBe(0)
    expect(face.said).toMatchObject([{ command: 'deploy', words: 'prod v1.8.0', asker: { via: 'terminal' } }])
    expect(out).toContain('#482  deploy storefront v1.8.0 → prod · waiting')
  })

  test('words that held together still do', async () => {
    await terminal.type(['deploy', 'prod', 'half past nine'])
    expect(face.said[0]?.words).toBe('prod "half past nine"')
  })

  test('--json prints one document and nothing else', async () => {
    accepted()
    const { out, err } = await terminal.type(['deploy', 'prod', '--json'])
    expect(JSON.parse(out).reply.run.id).toBe(482)
    expect(err).toBe('')
  })

  test('text from outside cannot steer the terminal', async () => {
    face.face.reply = { kind: 'said', text: 'v1\u001b[2J\u001b]0;owned\u0007\u202e' }
    expect((await terminal.type(['deploy'])).out).toBe('v1[2J]0;owned')
  })
})

describe('what it ends with', () => {
  test.each([
    ['done', 0],
    ['failed', 1],
    ['undone', 1],
    ['timed out', 1],
    ['lost', 1],
    ['refused', 3],
    ['faulted', 5],
    ['stopped', 6],
  ] as const)('a run that is %s ends a waiting command with %i', async (state, expected) => {
    face.put(accepted(deployRun({ state })))
    expect((await terminal.type(['deploy', 'prod', '--wait'])).code).toBe(expected)
  })

  test('every way a run can end has such a number', () => {
    expect(endedStates).toHaveLength(8)
  })

  test('2 when words are missing or unknown, with what is missing', async () => {
    const field = { name: 'version', label: 'Version', options: [{ value: 'v1.8.0', label: 'v1.8.0' }] }
    face.face.reply = {
      kind: 'form',
      form: { name: 'deploy', title: 'Deploy', submit: 'Go', intro: '', fields: [field] },
    }
    const { code, err } = await terminal.type(['deploy'])
    expect(code).toBe(2)
    expect(err).toContain('Version: v1.8.0')
    const refusal = { code: 'unclear', what: 'There is no prid.', why: '', next: 'For example: deploy prod' }
    face.face.reply = { kind: 'refused', refusal }
    expect((await terminal.type(['deploy', 'prid'])).code).toBe(2)
    expect((await terminal.type(['launch'])).code).toBe(2)
    expect((await terminal.type(['run', 'soon'])).code).toBe(2)
  })

  test('3 when refused, with all three parts on standard error', async () => {
    face.face.reply = {
      kind: 'refused',
      refusal: { code: 'not-permitted', what: 'You may not deploy.', why: 'Only @releasers may.', next: 'Ask Grace.' },
    }
    const { code, err, out } = await terminal.type(['deploy', 'prod'])
    expect(code).toBe(3)
    expect(err.split('\n')).toEqual(['You may not deploy. (not-permitted)', 'Only @releasers may.', 'Ask Grace.'])
    expect(out).toBe('')
  })

  test('3 when the token opens nothing, and it says how to get one', async () => {
    const stranger = openTypedTerminal({ SHIPMATE_URL: face.url, SHIPMATE_TOKEN: 'shp_unknown000000000000000' })
    const { code, err } = await stranger.type(['deploy', 'prod'])
    expect([code, err.includes('shipmate login')]).toEqual([3, true])
    stranger.close()
  })

  test('4 when nobody answers, with the address and what to do', async () => {
    const away = await startTerminalFace()
    await away.close()
    const lonely = openTypedTerminal({ SHIPMATE_URL: away.url, SHIPMATE_TOKEN: token })
    const { code, err } = await lonely.type(['deploy', 'prod'])
    expect(code).toBe(4)
    expect(err).toContain(away.url)
    expect(err).toContain('ECONNREFUSED')
    lonely.close()
    const unset = openTypedTerminal({ SHIPMATE_TOKEN: token })
    expect((await unset.type(['deploy', 'prod'])).code).toBe(4)
    unset.close()
  })

  test('4 when something else answers at that address', async () => {
    const other = createServer((_request, response) => response.writeHead(200).end('<html>'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    const lost = openTypedTerminal({ SHIPMATE_URL: url, SHIPMATE_TOKEN: token })
    const { code, err } = await lost.type(['deploy', 'prod'])
    expect([code, err.includes('not Shipmate')]).toEqual([4, true])
    lost.close()
    other.close()
  })

  test('5 when Shipmate broke, without the cause', async () => {
    face.face.breaks = new ShipmateError('faulted', 'unexpected', 'secret inner thing')
    const { code, err } = await terminal.type(['deploy', 'prod'])
    expect(code).toBe(5)
    expect(err).not.toContain('secret inner thing')
    const json = JSON.parse((await terminal.type(['deploy', 'prod', '--json'])).out)
    expect(json.error).toMatchObject({ kind: 'faulted', code: 'unexpected' })
  })
})

describe('waiting', () => {
  test('prints one line per change of a step and ends with the run', async () => {
    face.put(accepted())
    const typed = terminal.type(['deploy', 'prod', '--wait'])
    await expect.poll(() => face.listeners.size).toBe(1)
    const going = { approve: { state: 'passed' }, start: { state: 'running' } } as const
    face.put(deployRun({ state: 'running' }, going))
    await expect.poll(() => face.listeners.size).toBe(1)
    const evidence = { summary: '2 of 2 healthy' }
    face.put(deployRun({ state: 'done' }, { ...going, start: { state: 'passed', evidence } }))
    const { code, out } = await typed
    expect(code).toBe(0)
    expect(out.match(/start 2 green instances · passed · 2 of 2 healthy/g)).toHaveLength(1)
    expect(out).toContain('◷ approval by release-managers · waiting')
    expect(out.trimEnd().split('\n').at(-1)).toBe('#482 deploy storefront v1.8.0 → prod · done')
  })

  test('Ctrl-C ends the watch, not the run, and says so', async () => {
    face.put(accepted())
    const stop = new AbortController()
    const typed = terminal.type(['deploy', 'prod', '--wait'], { stop: stop.signal })
    await expect.poll(() => face.listeners.size).toBe(1)
    stop.abort()
    const { code, err } = await typed
    expect(code).toBe(130)
    expect(err).toContain('Run #482 goes on')
    expect(face.pressed).toEqual([])
  })

  test('with --json the steps go to standard error and the document holds the run', async () => {
    face.put(accepted(deployRun({ state: 'undone' })))
    const { code, out, err } = await terminal.type(['deploy', 'prod', '--wait', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out).run.run.state).toBe('undone')
    expect(err).toContain('undone')
  })
})

describe('answering', () => {
  test('an approval at a keyboard shows the plan first, asks, and sends the digest that was shown', async () => {
    const view = deployRun()
    face.put(view)
    const { code, err } = await terminal.type(['approve', '482'], { interactive: true, input: 'y' })
    expect(code).toBe(0)
    expect(err).toContain('cache prices')
    expect(face.pressed[0]?.press).toEqual({
      name: 'approve',
      run: 482,
      step: 'approve',
      round: 1,
      digest: view.run.plan?.digest,
    })
  })

  test('no answer but yes approves', async () => {
    face.put(deployRun())
    expect((await terminal.type(['approve', '482'], { interactive: true, input: '' })).code).toBe(3)
    expect(face.pressed).toEqual([])
  })

  test('a script names the digest it has read; none, a short one or another is refused', async () => {
    const view = deployRun()
    face.put(view)
    const digest = view.run.plan?.digest ?? ''
    expect((await terminal.type(['approve', '482'])).code).toBe(2)
    expect((await terminal.type(['approve', '482', '--digest', digest.slice(0, 4)])).code).toBe(3)
    expect((await terminal.type(['approve', '482', '--digest', 'f'.repeat(12)])).code).toBe(3)
    expect(face.pressed).toEqual([])
    expect((await terminal.type(['approve', '482', '--digest', digest.slice(0, 12)])).code).toBe(0)
  })

  test('a rejection needs a reason, a cancellation carries one', async () => {
    face.put(deployRun())
    expect((await terminal.type(['reject', '482'])).code).toBe(2)
    await terminal.type(['reject', '#482', '--reason', 'not on a Friday'])
    await terminal.type(['cancel', '482'])
    expect(face.pressed.map(({ press }) => press)).toMatchObject([
      { name: 'reject', reason: 'not on a Friday' },
      { name: 'cancel', run: 482, reason: 'cancelled from the terminal' },
    ])
  })

  test('a question of a guide is answered with one of its answers, and with no other', async () => {
    face.put(deployRun())
    const wrong = await terminal.type(['choose', '482', 'perhaps'])
    expect([wrong.code, wrong.err.includes('approve (Approve)')]).toEqual([3, true])
    await terminal.type(['choose', '482', 'Approve'])
    expect(face.pressed.at(-1)?.press).toMatchObject({ name: 'choose', answer: 'approve', reason: '' })
  })

  test('a run that asks nothing cannot be answered, and one that is not there cannot be shown', async () => {
    face.put(deployRun({ state: 'running' }, { approve: { state: 'passed' } }))
    const { code, err } = await terminal.type(['approve', '482'], { interactive: true, input: 'y' })
    expect([code, err.includes('it is running')]).toEqual([3, true])
    expect((await terminal.type(['run', '7'])).code).toBe(2)
    expect((await terminal.type(['run', '482'])).out).toContain('start 2 green instances')
  })
})

describe('signing in', () => {
  test('keeps the token where only this person can read it, after trying it', async () => {
    const fresh = openTypedTerminal({ SHIPMATE_URL: face.url })
    expect((await fresh.type(['deploy', 'prod'])).code).toBe(3)
    const { code, out } = await fresh.type(['login'], { input: `${token}\n` })
    expect(code).toBe(0)
    expect(out).toContain('Signed in as Ada')
    expect(out).not.toContain(token)
    const file = join(fresh.home, '.config', 'shipmate', 'token')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8').trim()).toBe(token)
    expect((await fresh.type(['deploy', 'prod'])).code).toBe(0)
    fresh.close()
  })

  test('keeps nothing that opens nothing', async () => {
    const fresh = openTypedTerminal({ SHIPMATE_URL: face.url })
    expect((await fresh.type(['login'], { input: 'shp_unknown000000000000000' })).code).toBe(3)
    expect((await fresh.type(['login'], { input: 'hello' })).code).toBe(2)
    expect((await fresh.type(['deploy', 'prod'])).code).toBe(3)
    fresh.close()
  })
})

test('the instance of this machine is found without any address', async () => {
  const local = openTypedTerminal({ SHIPMATE_TOKEN: token })
  local.announce(face.url)
  expect((await local.type(['deploy', 'prod'])).code).toBe(0)
  local.close()
})

test('the audit trail is followed, and a broken place ends with 1 and is named', async () => {
  const { code, out } = await terminal.type(['audit', 'verify', '482'])
  expect([code, out.includes('3 rows')]).toEqual([0, true])
  face.face.broken = [{ run: 482, position: 2, what: 'a row is missing' }]
  const broken = await terminal.type(['audit', 'verify'])
  expect([broken.code, broken.out.includes('#482, row 2: a row is missing')]).toEqual([1, true])
})

test('findings end with 1 when something is to be mended, and with 0 when not', async () => {
  const bad = {
    title: 'Database',
    outcome: 'fail',
    evidence: { summary: 'nothing listens', next: 'Start it.' },
  } as const
  const good = { title: 'Node.js', outcome: 'pass', evidence: { summary: '20.19' } } as const
  const workbench = {
    ...noWorkbench,
    manifest: async () => 'a: 1\n',
    takeover: async () => {
      throw new Error('nobody takes over here')
    },
    examine: async () => [good, bad],
  }
  const ill = openTypedTerminal({}, workbench)
  const { code, lines } = await ill.type(['doctor'])
  expect(code).toBe(1)
  expect(lines).toEqual([
    '✓ Node.js · pass · 20.19',
    '✗ Database · fail · nothing listens',
    '    Start it.',
    '1 good, 0 to look at, 1 to mend, 0 not set up',
  ])
  expect((await ill.type(['manifest'])).out).toBe('a: 1')
  ill.close()
})
