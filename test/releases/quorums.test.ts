import { expect, test } from 'vitest'
import { checkQuorums } from '../../src/releases/quorums.js'
import { createTeam, team } from '../support/directory.js'
import { shopCatalogue, shopText } from '../support/shop.js'

const found = async (change: (text: string) => string, people = team) => {
  const errors = await checkQuorums(shopCatalogue(change(shopText)), createTeam(people).directory)
  return errors.map(({ code, message, came, next }) => ({ code, message, came, next }))
}

test('a quorum that the group can meet is fine', async () => {
  expect(await found((text) => text)).toEqual([])
})

test('a quorum that nobody can gather is refused with the fix', async () => {
  expect(await found((text) => text.replace('quorum: 1', 'quorum: 4'))).toEqual([
    {
      code: 'quorum-impossible',
      message: 'environments.prod.approvals.deploy asks for 4, and nobody can gather that many.',
      came: '3 people, of whom the one who asks does not count',
      next: 'Lower quorum, add people or groups, or for a team of one set requester: self with confirmation.',
    },
  ])
})

test('a team of one that excludes itself is told before its first deploy', async () => {
  const alone = { U0MARCO: { name: 'Marco', groups: ['release-managers'] } }
  // Whoever is alone asks nobody about data either.
  const only = (text: string) =>
    text
      .replace('groups: [release-managers]\n        people: [U0RITA]', 'people: [U0MARCO]')
      .replace(/(restore:\n {8}quorum: )1\n( {8}.*\n){3}/, '$10\n')
  expect((await found(only, alone)).map(({ code }) => code)).toEqual(['quorum-impossible'])
  const self = (text: string) => only(text).replace('requester: excluded', 'requester: self with confirmation')
  expect(await found(self, alone)).toEqual([])
})

test('a group that does not exist is told with the fix', async () => {
  const [error] = await found((text) => text.replace('groups: [release-managers]', 'groups: [managers]'))
  expect(error).toMatchObject({
    code: 'quorum-untold',
    message: 'environments.prod.approvals.deploy cannot be checked: This workspace has no user group @managers.',
  })
})

test('an environment that only observes asks nobody, so its quorum does not matter', async () => {
  expect(await found((text) => text.replace('quorum: 1', 'quorum: 4').replace('mode: act', 'mode: observe'))).toEqual(
    [],
  )
})
