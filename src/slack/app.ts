import type { RequestListener } from 'node:http'
import { App } from '@slack/bolt'
import type { Inlet } from './inlet.js'
import { listenToCommands } from './listeners/commands.js'
import { listenToHome } from './listeners/home.js'
import { listenToMarks } from './listeners/incident-marks.js'
import { listenToMentions } from './listeners/mention.js'
import type { FaceParts } from './listeners/parts.js'
import { listenToPresses } from './listeners/presses.js'
import { listenToShortcuts } from './listeners/shortcut.js'
import { listenToSubmissions } from './listeners/submissions.js'
import { tokenAdvice } from './outbox/refusals.js'
import type { NotTold } from './web.js'
import { clientOptions, slackLogger } from './web.js'

export type SlackFaceConfig = {
  botToken: string
  /** Null: Slack's own. */
  apiUrl: string | null
}

export type SlackFace = {
  /** Resolves after the first try to reach Slack, whatever came of it: the process starts anyway and goes on trying. */
  start(): Promise<void>
  /** Stops taking in, and waits for the listeners under way. */
  stop(): Promise<void>
  /** One line each for what keeps people from reaching Shipmate through Slack; empty when all is well. */
  problems(): string[]
  /** Signed HTTP for another server; null in Socket Mode. */
  listener: RequestListener | null
}

const longestPause = 60_000

/** Shipmate as people meet it in Slack: what they say and press comes in by the inlet and goes to the desk. */
export function createSlackFace(config: SlackFaceConfig, parts: FaceParts, inlet: Inlet): SlackFace {
  const { clock, log, identity } = parts
  const stopping = new AbortController()
  let problem: string | null = 'Slack was not asked yet who the app is.'
  let learning = Promise.resolve()

  const app = new App({
    // What came in before waits until it was asked who the app is: until then nobody would be let in.
    receiver: { ...inlet.receiver, init: () => {} },
    // Ours instead of a token: Bolt would call auth.test from its constructor and fail when Slack cannot be reached.
    authorize: async () => ({
      botToken: config.botToken,
      ...(identity.known() ? { botUserId: identity.known()?.botUser, teamId: identity.known()?.team } : {}),
    }),
    convoStore: false,
    logger: slackLogger(log),
    clientOptions: clientOptions({ apiUrl: config.apiUrl ?? undefined, log }),
  })
  for (const listen of [
    listenToCommands,
    listenToPresses,
    listenToSubmissions,
    listenToMentions,
    listenToShortcuts,
    listenToHome,
    listenToMarks,
  ])
    listen(app, parts)
  app.error(async (error) => log.error({ err: error }, 'a Slack listener broke'))

  /** Until the app knows its workspace nobody is let in, so this goes on until it does. */
  async function learn(firstTried: () => void): Promise<void> {
    for (let pause = 1_000; !stopping.signal.aborted; pause = Math.min(longestPause, pause * 2)) {
      const answer = await identity.learn()
      const line = 'ok' in answer ? adviceOn(answer) : null
      if (line && line !== problem) log.error({ problem: line }, 'Slack does not know Shipmate')
      problem = line
      firstTried()
      if (line === null) return
      await clock.sleep(pause, stopping.signal)
    }
  }

  return {
    listener: inlet.listener,
    async start() {
      const learnt = new Promise<void>((tried) => {
        learning = learn(tried)
      })
      const handedOn = learnt.then(() => inlet.receiver.init(app))
      await Promise.all([handedOn, inlet.start()])
    },
    async stop() {
      stopping.abort()
      await Promise.all([inlet.stop(), learning])
    },
    problems: () => [problem, inlet.problem()].filter((line) => line !== null),
  }
}

function adviceOn(answer: NotTold): string {
  if (answer.why === 'limited') return 'Slack asks to wait before it says who the app is.'
  if (answer.why === 'refused') return tokenAdvice(answer.error)
  return `Slack cannot be reached (${answer.text}). Check the network and the proxy; Shipmate goes on trying. The terminal works meanwhile: npx shipmate ops status.`
}
