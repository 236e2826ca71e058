import { expect, test } from 'vitest'
import { joinedChanges } from '../../src/incidents/joined-changes.js'

test('two looks that change tasks lose neither change', () => {
  const done = { tasks: { change: [{ id: 1, doneAt: new Date(0) }] } }
  const linked = { tasks: { change: [{ id: 2, link: 'https://github.com/acme/shop/issues/7' }] } }
  expect(joinedChanges([done, null, linked]).tasks?.change).toEqual([...done.tasks.change, ...linked.tasks.change])
})
