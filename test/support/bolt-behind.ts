import { App, LogLevel, type Receiver } from '@slack/bolt'

export const secret = 'the-signing-secret'

/** A Bolt app as the product has it, without Slack. */
export function boltBehind(receiver: Receiver): App {
  return new App({
    receiver,
    convoStore: false,
    authorize: async () => ({ botToken: 'xoxb-test', botId: 'B0', botUserId: 'U0BOT' }),
    logger: {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: () => {},
      setLevel: () => {},
      getLevel: () => LogLevel.ERROR,
      setName: () => {},
    },
  })
}
