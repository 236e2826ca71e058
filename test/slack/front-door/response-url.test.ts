import { expect, test } from 'vitest'
import { allowedResponseUrl } from '../../../src/slack/front-door/response-url.js'

test.each([
  ['https://hooks.slack.com/commands/T1/2/3', true],
  ['https://hooks.slack.com:443/commands/T1', true],
  ['https://hooks.slack-gov.com/actions/T1', true],
  ['http://127.0.0.1:4001/respond/1', true],
  ['http://hooks.slack.com/commands', false],
  ['https://hooks.slack.com.evil.example/x', false],
  ['https://hooks.slack.com@evil.example/x', false],
  ['https://evil.example/https://hooks.slack.com/', false],
  ['https://hooks.slack.com:8443/x', false],
  ['http://127.0.0.1:4002/respond/1', false],
  ['http://localhost:4001/respond/1', false],
  ['http://169.254.169.254/latest', false],
  ['http://2130706433:4001/', true],
  ['http://user@127.0.0.1:4001/', false],
  ['https://evil.example/hooks.slack.com', false],
  ['not an address', false],
  ['file:///etc/passwd', false],
  ['javascript:alert(1)', false],
  ['', false],
  [undefined, false],
  [['https://hooks.slack.com/'], false],
])('%s may be answered at: %s', (url, allowed) => {
  expect(allowedResponseUrl(url, ['http://127.0.0.1:4001'])).toBe(allowed)
})
