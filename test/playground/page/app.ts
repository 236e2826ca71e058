import type { App } from '@slack/bolt'
import type { KnownBlock, ModalView } from '@slack/types'
import { deployModal, movingCard, waitingCard } from './cards.js'

const versions = ['v1.8.0', 'v1.7.3', 'v1.7.2'].map((version) => ({
  text: { type: 'plain_text' as const, text: version },
  value: version,
}))

/** A small app with the manners of Shipmate: a command that posts a card, a refusal, a modal with an error, a Home. */
export function prepareApp(app: App): void {
  app.command('/deploy', async ({ ack, command, client, respond }) => {
    await ack()
    if (!command.text.trim()) {
      await client.views.open({ trigger_id: command.trigger_id, view: deployModal() as unknown as ModalView })
      return
    }
    await respond(`Asked for *storefront v1.8.0* in *${command.text}*. The card is in <#C0RELEASES>.`)
    const blocks = waitingCard(Math.floor(Date.now() / 1000) + 720)
    await client.chat.postMessage({
      channel: 'C0RELEASES',
      text: 'storefront v1.8.0 waits for approval: <!subteam^S0RELEASE>',
      blocks,
    })
  })
  // Left unanswered on purpose: Slack itself then tells the person.
  app.command('/ops', async () => {})
  app.action('approve', async ({ ack, body, client, respond }) => {
    await ack()
    if (body.type !== 'block_actions' || !body.channel || !body.message) return
    if (body.user.id === 'U0RITA') {
      await respond({
        replace_original: false,
        text: 'You asked for this deploy, so your approval does not count (prod needs 2 of <!subteam^S0RELEASE>).',
      })
      return
    }
    await client.chat.update({
      channel: body.channel.id,
      ts: body.message.ts,
      text: 'storefront v1.8.0 moves traffic',
      blocks: movingCard(),
    })
  })
  app.action('reject', async ({ ack, respond }) => {
    await ack()
    await respond({
      replace_original: true,
      text: ':no_entry_sign: *storefront v1.8.0* was rejected. v1.7.3 still serves all traffic.',
    })
  })
  app.action('compare', async ({ ack, body, client }) => {
    await ack()
    if (body.type === 'block_actions') await client.views.push({ trigger_id: body.trigger_id, view: changes })
  })
  app.action(/.*/, async ({ ack }) => ack())
  app.options('version', async ({ ack, payload }) =>
    ack({ options: versions.filter(({ value }) => value.includes(payload.value)) }),
  )
  prepareViews(app)
}

function prepareViews(app: App): void {
  app.shortcut('deploy', async ({ ack, shortcut, client }) => {
    await ack()
    await client.views.open({ trigger_id: shortcut.trigger_id, view: deployModal() as unknown as ModalView })
  })
  app.shortcut('open_incident', async ({ ack, respond }) => {
    await ack()
    await respond('An incident starts here.')
  })
  app.view('deploy_form', async ({ ack, view }) => {
    const reason = view.state.values.reason?.reason?.value ?? ''
    // Slack waits three seconds for an answer and then tells the person.
    if (reason === 'silence') return
    if (reason.length < 10)
      return ack({ response_action: 'errors', errors: { reason: 'Say in at least ten letters why.' } })
    await ack()
  })
  app.event('app_home_opened', async ({ event, client }) => {
    if (event.tab === 'home')
      await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: home(event.user) } })
  })
}

const changes: ModalView = {
  type: 'modal',
  title: { type: 'plain_text', text: 'What changed' },
  close: { type: 'plain_text', text: 'Back' },
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '6 commits by 3 people' } }],
}

function home(user: string): KnownBlock[] {
  return [
    { type: 'header', text: { type: 'plain_text', text: 'What waits for you' } },
    {
      type: 'section',
      text: { type: 'mrkdwn', text: `<@${user}>, *storefront v1.8.0 → prod* waits for 1 more approval.` },
      accessory: {
        type: 'button',
        action_id: 'open_card',
        style: 'primary',
        text: { type: 'plain_text', text: 'Open' },
      },
    },
    { type: 'divider' },
    { type: 'header', text: { type: 'plain_text', text: 'What runs' } },
    { type: 'section', text: { type: 'mrkdwn', text: 'Nothing runs now.' } },
  ]
}
