import { describe, expect, it } from 'vitest'
import { expectValidMessage, expectValidView } from './block-kit.js'

const divider = { type: 'divider' }

describe('Messages and views that a test expects to be valid', () => {
  it('Lets through what Slack takes', () => {
    expectValidMessage({ text: 'storefront v1.8.0 is live in prod.', blocks: [divider] })
    expectValidMessage({ update: true, blocks: [divider] })
    expectValidView({ type: 'home', blocks: [divider] })
  })

  it('Names every rule that is broken, and shows the message', () => {
    const blocks = [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }, { type: 'nope' }]
    expect(() => expectValidMessage({ text: 'x', blocks })).toThrow(
      /json-pointer:\/blocks\/0\/text\/type[\s\S]*json-pointer:\/blocks\/1\/type[\s\S]*"nope"/,
    )
    expect(() => expectValidView({ type: 'modal', blocks: [] })).toThrow('missing required field: title')
  })

  it('Asks for words beside the blocks', () => {
    expect(() => expectValidMessage({ blocks: [divider] })).toThrow('text is missing')
  })
})
