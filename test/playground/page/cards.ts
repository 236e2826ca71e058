import type { KnownBlock } from '@slack/types'

const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text })
const plain = (text: string) => ({ type: 'plain_text' as const, text, emoji: true })
const button = (action_id: string, text: string, more: object = {}) => ({
  type: 'button' as const,
  action_id,
  text: plain(text),
  value: action_id,
  ...more,
})

/** A run that waits for people. `unix` is when its plan expires. */
export function waitingCard(unix: number): KnownBlock[] {
  return [
    { type: 'section', text: mrkdwn(':large_yellow_circle: *storefront v1.8.0 → prod* · waiting for approval · #482') },
    {
      type: 'context',
      elements: [
        mrkdwn('Asked by <@U0RITA> · 6 commits by 3 people · 1 migration (adds a column, safe) · risk: low'),
        mrkdwn(
          `<https://example.com/compare|Compare v1.7.3…v1.8.0> · Plan \`9f2c…e1\` · expires <!date^${unix}^{date_short_pretty} at {time}|later>`,
        ),
      ],
    },
    {
      type: 'section',
      fields: [
        mrkdwn(
          '*Gates*\n:white_check_mark: 9 passed\n:warning: 1 warning: `main.js` +9 %\n– 1 skipped: Sentry not set up',
        ),
        mrkdwn('*Approvals*\n1 of 2 from <!subteam^S0RELEASE>\n:white_check_mark: <@U0MARCO>'),
      ],
    },
    {
      type: 'section',
      text: mrkdwn(
        '*Plan*\n1 back up shop · 2 migrate · 3 start green ×2 · 4 check health · 5 move traffic · 6 verify 3 min · 7 stop blue\n_Undo: traffic back to blue_',
      ),
    },
    {
      type: 'actions',
      block_id: 'decide',
      elements: [
        button('approve', 'Approve', { style: 'primary' }),
        button('details', 'Details'),
        button('reject', 'Reject…', {
          style: 'danger',
          confirm: {
            title: plain('Reject #482?'),
            text: mrkdwn('v1.8.0 will *not* go to prod. v1.7.3 still serves all traffic.'),
            confirm: plain('Reject'),
            deny: plain('Keep waiting'),
            style: 'danger',
          },
        }),
        {
          type: 'static_select',
          action_id: 'strategy',
          placeholder: plain('Strategy'),
          options: [
            { text: plain('Blue-green'), value: 'blue-green' },
            { text: plain('Rolling'), value: 'rolling' },
          ],
        },
        {
          type: 'overflow',
          action_id: 'more',
          options: [
            { text: plain('Show the log'), value: 'log' },
            { text: plain('Copy the plan'), value: 'copy' },
          ],
        },
      ],
    },
  ]
}

/** A run that moves traffic. */
export function movingCard(): KnownBlock[] {
  return [
    { type: 'section', text: mrkdwn(':arrows_counterclockwise: *storefront v1.8.0 → prod* · moving traffic · #482') },
    { type: 'section', text: mrkdwn('`▓▓▓▓▓▓▓░░░`  5 of 7 · 1 min 42 s · about 3 min left') },
    {
      type: 'context',
      elements: [
        mrkdwn(
          ':white_check_mark: backed up shop (full, 1.2 GB, verified)  :white_check_mark: migrated 1  :white_check_mark: green ×2 healthy  :arrow_forward: 50 % on green, 0 failed of 12,430',
        ),
      ],
    },
    { type: 'actions', elements: [button('cancel', 'Cancel…', { style: 'danger' })] },
  ]
}

/** Every kind of text the page has to draw. */
export function richBlocks(unix: number): object[] {
  const text = (words: string, style?: object) => ({ type: 'text', text: words, ...(style && { style }) })
  const section = (...elements: object[]) => ({ type: 'rich_text_section', elements })
  return [
    { type: 'header', text: plain('What changed in v1.8.0') },
    {
      type: 'rich_text',
      elements: [
        section(
          text('Bold', { bold: true }),
          text(', '),
          text('italic', { italic: true }),
          text(', '),
          text('struck', { strike: true }),
          text(', '),
          text('code', { code: true }),
          text(', '),
          { type: 'link', url: 'https://example.com', text: 'a link' },
          text(', '),
          { type: 'user', user_id: 'U0IVY' },
          text(' in '),
          { type: 'channel', channel_id: 'C0INCIDENTS' },
          text(' '),
          { type: 'emoji', name: 'ship' },
          text(' '),
          { type: 'date', timestamp: unix, format: '{date_long_pretty} at {time}', fallback: 'then' },
        ),
        {
          type: 'rich_text_list',
          style: 'bullet',
          elements: [section(text('Prices are cached')), section(text('The cart survives a restart'))],
        },
        {
          type: 'rich_text_list',
          style: 'ordered',
          indent: 1,
          elements: [section(text('First')), section(text('Second'))],
        },
        { type: 'rich_text_quote', elements: [text('It was slow at noon.')] },
        { type: 'rich_text_preformatted', elements: [text('GET /healthz 200 12 ms')] },
      ],
    },
    {
      type: 'markdown',
      text: '## Markdown\n\n- [x] built\n- [ ] shipped\n\n| step | took |\n|---|--:|\n| build | 41 s |\n| ship | 8 s |',
    },
    {
      type: 'table',
      column_settings: [{ is_wrapped: true }, { align: 'right' }],
      rows: [
        [
          { type: 'raw_text', text: 'instance' },
          { type: 'raw_text', text: 'p95' },
        ],
        [
          { type: 'raw_text', text: 'green-1' },
          { type: 'raw_text', text: '212 ms' },
        ],
        [
          { type: 'raw_text', text: 'green-2' },
          { type: 'raw_text', text: '198 ms' },
        ],
      ],
    },
    {
      type: 'section',
      text: mrkdwn('*Watch* it with somebody'),
      accessory: { type: 'multi_users_select', action_id: 'watchers', placeholder: plain('Select people') },
    },
  ]
}

/** A modal with every input the page knows. */
export function deployModal(services: string[] = ['storefront', 'storefront-admin']) {
  const option = (text: string, note?: string) => ({
    text: plain(text),
    value: text,
    ...(note && { description: plain(note) }),
  })
  const input = (block_id: string, label: string, element: object, more: object = {}) => ({
    type: 'input' as const,
    block_id,
    label: plain(label),
    element,
    ...more,
  })
  return {
    type: 'modal' as const,
    callback_id: 'deploy_form',
    title: plain('Deploy'),
    submit: plain('Show the plan'),
    close: plain('Cancel'),
    blocks: [
      { type: 'alert', level: 'warning', text: plain('prod is frozen from 18:00.') },
      { type: 'section', text: mrkdwn('*v1.8.0* is the newest.'), accessory: button('compare', 'Compare') },
      input('service', 'Service', {
        type: 'static_select',
        action_id: 'service',
        placeholder: plain('Choose a service'),
        options: services.map((name) => option(name)),
      }),
      input('environment', 'Environment', {
        type: 'radio_buttons',
        action_id: 'environment',
        initial_option: option('staging', 'Nobody has to approve'),
        options: [option('staging', 'Nobody has to approve'), option('prod', '2 of @release-managers')],
      }),
      input(
        'version',
        'Version',
        { type: 'external_select', action_id: 'version', min_query_length: 0, placeholder: plain('Choose a version') },
        { optional: true, hint: plain('The newest when left empty') },
      ),
      input(
        'watchers',
        'Who else should know',
        { type: 'multi_users_select', action_id: 'watchers', placeholder: plain('Select people') },
        { optional: true },
      ),
      input('when', 'Not before', { type: 'datetimepicker', action_id: 'when' }, { optional: true }),
      input('instances', 'Instances', {
        type: 'number_input',
        action_id: 'instances',
        is_decimal_allowed: false,
        initial_value: '2',
      }),
      input(
        'checks',
        'Checks',
        { type: 'checkboxes', action_id: 'checks', options: [option('smoke'), option('load')] },
        { optional: true },
      ),
      input('reason', 'Reason', {
        type: 'plain_text_input',
        action_id: 'reason',
        multiline: true,
        placeholder: plain('Why now?'),
      }),
    ],
  } as const
}
