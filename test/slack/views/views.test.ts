import { describe, expect, it } from 'vitest'
import type { RunView } from '../../../src/runs/run.js'
import { blockOfField, formValues, formView } from '../../../src/slack/views/form-view.js'
import { homeView } from '../../../src/slack/views/home-view.js'
import { decodeOrigin } from '../../../src/slack/views/origin.js'
import { answerView, detailsView, loadingView } from '../../../src/slack/views/pages.js'
import { reasonView } from '../../../src/slack/views/reason-view.js'
import { expectValidView } from '../../support/block-kit.js'
import { at, scene, scenes } from '../scenes.js'
import { deployForm } from '../scripted-desk.js'

const now = at(30)
const every = Object.entries(scenes())

describe('a form', () => {
  it('is a view that Slack takes, with its defaults chosen', () => {
    const view = formView(deployForm(), { channel: 'C0RELEASES' })
    expectValidView(view)
    expect(JSON.stringify(view)).toContain('"initial_option":{"text":{"type":"plain_text","text":"v1.8.0"')
  })

  it('stays within Slack’s limits with hundreds of choices and endless labels', () => {
    const options = Array.from({ length: 300 }, (_, index) => ({
      value: `v${index}`,
      label: 'x'.repeat(200),
      description: 'y'.repeat(200),
    }))
    const fields = [
      { name: 'version', label: 'Version '.repeat(400), hint: 'h'.repeat(3_000), options },
      { name: 'note', label: 'Note', value: 'z'.repeat(5_000) },
    ]
    expectValidView(
      formView(
        { ...deployForm(), title: 'A title that is much too long for Slack', intro: 'i'.repeat(2_000), fields },
        {},
      ),
    )
  })

  it('gives a field another block when its choices change, and the same when they do not', () => {
    const ids = (environment: string) => formView(deployForm(environment), {}).blocks.map(({ block_id }) => block_id)
    const [prod, again, staging] = [ids('prod'), ids('prod'), ids('staging')]
    expect(prod).toEqual(again)
    expect(prod.filter((id, index) => id !== staging[index]).map((id) => id?.split('.')[0])).toEqual(['version'])
  })

  it('reads what its fields hold and finds the block for an error', () => {
    const view = formView(deployForm(), {})
    const block = blockOfField(view.blocks, 'version') ?? ''
    expect(block).toMatch(/^version\./)
    expect(blockOfField(view.blocks, 'nothing')).toBeNull()
    expect(
      formValues({ [block]: { version: { selected_option: { value: 'v1.8.0' } } }, note: { note: { value: null } } }),
    ).toEqual({ version: 'v1.8.0' })
  })

  it('asks for nothing that is known: what it is about travels with the view', () => {
    const about = { name: 'incident', label: '', value: '31', carried: true }
    const view = formView(
      { ...deployForm(), fields: [...deployForm().fields, about] },
      { channel: 'C1', known: { a: 'b' } },
    )
    expectValidView(view)
    expect(view.blocks).toHaveLength(formView(deployForm(), {}).blocks.length)
    expect(decodeOrigin(view.private_metadata ?? '')).toEqual({ channel: 'C1', known: { a: 'b', incident: '31' } })
  })

  it('forgets an origin that is not its own', () => {
    expect(decodeOrigin('{"channel":1}')).toEqual({})
    expect(decodeOrigin('not json')).toEqual({})
  })
})

describe('other views', () => {
  it.each(every)('details are a view that Slack takes: %s', (_name, view) => {
    expectValidView(detailsView(view, now))
    expectValidView(reasonView({ name: 'cancel', run: 482 }, view, {}))
    expectValidView(reasonView({ name: 'reject', run: 482, step: 'approve', round: 1, digest: 'd' }, view, {}))
  })

  it('details name the error with its code and what is next, and each step with its evidence', () => {
    const text = JSON.stringify(detailsView(scenes().undone as RunView, now))
    for (const part of [
      'errors rose to 4.8 %',
      'Look at commit 3f1c2ab',
      'step-failed',
      'CI is green',
      'main.js +9 %',
      'adds a column',
      'Run #482',
    ])
      expect(text).toContain(part)
  })

  it('a cancel says that nothing was changed yet, or what is put back', () => {
    const words = (name: string) =>
      JSON.stringify(reasonView({ name: 'cancel', run: 482 }, scenes()[name] as RunView, {}))
    expect(words('waiting for approval')).toContain('Nothing has been changed yet, and nothing will be.')
    expect(words('running')).toContain(
      'The step under way is broken off. What was done is put back: traffic back to blue and stop green.',
    )
  })

  it('pages are views that Slack takes', () => {
    expectValidView(loadingView('Deploy'))
    expectValidView(answerView({ text: 'no', blocks: [] }))
  })
})

describe('App Home', () => {
  const may = [
    { usage: '/deploy [service] <environment> [version]', summary: 'Ship a version.', example: '/deploy prod' },
  ]
  const ada = { kind: 'person' as const, id: 'U0ADA', name: 'Ada' }
  const lock = { resource: 'storefront/prod', run: null, by: ada, reason: 'exam week', since: at(2), expires: at(50) }
  const place = { service: 'storefront', environment: 'prod', holder: lock, working: null, waiting: [] }
  const locked = [1, 2].map(() => ({ ...place, clear: 'To clear it: /ops unlock storefront prod', mayHandOver: true }))
  const draw = (views: RunView[]) =>
    homeView(
      { waitsForMe: views, routines: [], running: views, broken: views, incidents: [], locked, may },
      { now, channelOf: () => 'C0RELEASES' },
    )

  it('is a view that Slack takes, with nothing and with very much to show', () => {
    expectValidView(draw([]))
    expectValidView(
      homeView(
        { waitsForMe: [], routines: [], running: [], broken: [], incidents: [], locked: [], may: [] },
        { now, channelOf: () => null },
      ),
    )
    expectValidView(draw(Array.from({ length: 60 }, () => scene())))
    expectValidView(draw(Object.values(scenes())))
  })

  it('asks first for what waits for the reader', () => {
    const text = JSON.stringify(draw([]))
    const order = ['Waits for you', 'Running', 'Broken', 'Locked', 'You may'].map((part) => text.indexOf(part))
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(text).toContain('Nothing waits for you.')
  })
})
