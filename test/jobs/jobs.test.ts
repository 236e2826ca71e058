import { expect, test } from 'vitest'
import { jobOf, jobs, planIntent } from '../../src/jobs/jobs.js'
import { factsOf, intent } from '../support/shop.js'

test('a rollback goes before a deploy in the line', () => {
  expect(jobs.map(({ name, priority }) => [name, priority])).toEqual([
    ['deploy', 0],
    ['rollback', 1],
    ['scale', 0],
    ['operate', 1],
    ['guide', 0],
    ['backup', 0],
    ['verify', 0],
    ['drill', 0],
    ['restore', 1],
    ['take-back', 1],
    ['tables', 1],
    ['break-glass', 0],
  ])
})

test('what changes a service locks it in its environment, what stores a database its storage; guides and broken glass nothing', () => {
  const locked = Object.fromEntries(jobs.map((job) => [job.name, job.resources(intent(job.name, inputOf(job.name)))]))
  const place = ['storefront/prod']
  expect(locked).toEqual({
    deploy: place,
    rollback: place,
    scale: place,
    operate: ['storefront/prod/repairs'],
    guide: [],
    backup: ['database/shop'],
    verify: ['database/shop'],
    drill: ['database/shop/drill'],
    restore: ['database/shop', 'storefront/prod'],
    'take-back': ['database/shop', 'storefront/prod'],
    tables: ['database/shop', 'storefront/prod'],
    'break-glass': [],
  })
})

const inputOf = (job: string) => ({
  database: 'shop',
  ...(job === 'restore' && { point: { kind: 'latest' } }),
  ...(job === 'take-back' && { of: 482 }),
  ...(job === 'tables' && { point: { kind: 'latest' }, tables: ['orders'] }),
})

test('a job nobody knows is refused with those there are', () => {
  expect(() => jobOf('dance')).toThrow(
    expect.objectContaining({
      code: 'job-unknown',
      wanted: 'deploy, rollback, scale, operate, guide, backup, verify, drill, restore, take-back, tables, break-glass',
    }),
  )
})

test.each([
  ['deploy', { version: '<!channel>' }],
  ['deploy', { version: 'v1', force: true }],
  ['rollback', { version: 7 }],
  ['scale', {}],
  ['scale', { instances: 0 }],
  ['scale', { instances: 2.5 }],
])('an input of %s that has not its shape is refused: %j', async (job, input) => {
  await expect(planIntent(intent(job, input), factsOf())).rejects.toMatchObject({
    kind: 'refused',
    code: 'input-invalid',
  })
})

test('a service that is not placed in an environment is refused', async () => {
  const planned = planIntent({ ...intent('deploy'), environment: 'moon' }, factsOf())
  await expect(planned).rejects.toMatchObject({ code: 'not-placed', message: 'storefront does not run in moon.' })
})
