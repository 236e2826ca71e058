import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startWorkspace } from '../../playground/workspace/server.js'
import { silentLog } from '../../src/log.js'
import { createDirectory } from '../../src/slack/directory.js'
import { createIdentity } from '../../src/slack/identity.js'
import { createSlackWeb } from '../../src/slack/web.js'
import { createControl } from '../support/control.js'
import { fakeClock } from './outbox-world.js'

const workspace = await startWorkspace({ manifestPath: 'manifest.yml', limits: false })
const control = createControl(workspace.url)
const web = createSlackWeb({ token: workspace.tokens.bot, apiUrl: `${workspace.url}/api`, log: silentLog })
const identity = createIdentity(web)
const fresh = () => {
  const clock = fakeClock()
  return { clock, directory: createDirectory({ web, identity, clock }) }
}

beforeEach(async () => {
  await control.clearFaults()
  await identity.learn()
})
afterAll(() => workspace.close())

describe('the directory', () => {
  it('says who a full member is and to which groups they belong', async () => {
    expect(await fresh().directory.standing('U0MARCO')).toMatchObject({
      id: 'U0MARCO',
      barred: null,
      groups: ['release-managers'],
    })
    expect(await fresh().directory.members('release-managers')).toEqual(['U0MARCO', 'U0MINA'])
    expect(await fresh().directory.groupId('release-managers')).toBe('S0RELEASE')
  })

  it.each([
    ['U0GUS', 'a guest'],
    ['U0SHIPMATE', 'a bot'],
    ['U0NOBODY', 'not a person of this workspace'],
  ])('gives no role to %s: %s', async (id, why) => {
    expect(await fresh().directory.standing(id)).toMatchObject({ barred: why, groups: [] })
  })

  it('takes nobody for a member before the app knows its own workspace', async () => {
    const unknown = createDirectory({ web, identity: createIdentity(web), clock: fakeClock() })
    expect(await unknown.standing('U0MARCO')).toMatchObject({ barred: 'from another workspace', groups: [] })
  })

  it('asks once for a while, also when many ask at the same time, and then again', async () => {
    const { clock, directory } = fresh()
    const before = (await control.calls()).length
    await Promise.all(Array.from({ length: 20 }, () => directory.standing('U0MINA')))
    await directory.members('release-managers')
    expect(
      (await control.calls())
        .slice(before)
        .map(({ method }) => method)
        .sort(),
    ).toEqual(['usergroups.list', 'users.info'])
    clock.forward(61_000)
    await directory.standing('U0MINA')
    expect((await control.calls()).length).toBe(before + 4)
  })

  it('fails closed when Slack does not answer, and keeps no error', async () => {
    const { directory } = fresh()
    await control.fault({ kind: '5xx', method: 'users.info', times: 1 })
    await expect(directory.standing('U0RITA')).rejects.toMatchObject({
      code: 'directory-unreachable',
      kind: 'failed',
      transient: true,
    })
    expect((await directory.standing('U0RITA')).barred).toBeNull()
  })

  it('names people by list where the plan has no groups, and says so of a group', async () => {
    const { directory } = fresh()
    await control.fault({ kind: 'error', method: 'usergroups.list', error: 'plan_upgrade_required', times: 5 })
    expect(await directory.standing('U0MARCO')).toMatchObject({ barred: null, groups: [] })
    await expect(directory.members('release-managers')).rejects.toMatchObject({
      code: 'groups-need-paid-plan',
      next: expect.stringContaining('people: [U0123ABCD]'),
    })
  })

  it('finds a full member by the address, in any letters, and nobody who is a guest, gone or not there', async () => {
    const { directory } = fresh()
    expect(await directory.memberByEmail(' Marco@Storefront.example')).toBe('U0MARCO')
    expect(await directory.memberByEmail('gus@storefront.example')).toBeNull()
    expect(await directory.memberByEmail('nobody@storefront.example')).toBeNull()
    await control.fault({ kind: 'error', method: 'users.lookupByEmail', error: 'missing_scope', times: 1 })
    await expect(fresh().directory.memberByEmail('rita@storefront.example')).rejects.toMatchObject({
      code: 'directory-unreachable',
      next: expect.stringContaining('doctor'),
    })
  })

  it('says which group it does not know', async () => {
    await expect(fresh().directory.members('nobodies')).rejects.toMatchObject({
      code: 'group-unknown',
      message: 'This workspace has no user group @nobodies.',
    })
    expect(await fresh().directory.groupId('nobodies')).toBeNull()
  })
})
