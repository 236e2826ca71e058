import { commands } from '../commands/commands.js'
import type { Inbox } from '../runs/inbox.js'
import type { Answers } from '../slack/front-door/answers.js'
import type { Inlet } from '../slack/inlet.js'
import type { StartParts } from './parts.js'

/**
 * The front door: what Slack sends is committed to the inbox, then acknowledged, and only then handed on. It is open
 * before anything behind it is loaded.
 */
export type Door = {
  /** Started once, however often it is asked to. */
  inlet: Inlet
  botToken: string
  responseOrigins: string[]
  /** Where the answer is the acknowledgement, it waits for this. */
  decideWith(answers: Required<Answers>): void
}

/** Resolves when what Slack sends is taken. */
export async function openDoor(parts: StartParts, botToken: string, inbox: Inbox): Promise<Door> {
  const { apiUrl } = parts.config.slack
  const responseOrigins = apiUrl ? [new URL(apiUrl).origin] : []
  let decideWith: Door['decideWith'] = () => {}
  const decided = new Promise<Required<Answers>>((resolve) => {
    decideWith = resolve
  })
  const answers: Answers = {
    viewSubmission: async (payload) => (await decided).viewSubmission(payload),
    suggestion: async (payload) => (await decided).suggestion(payload),
  }
  const inlet = await inletOf(parts, { inbox, commands: names, answers, responseOrigins })
  const started = inlet.start()
  return { inlet: { ...inlet, start: () => started }, botToken, responseOrigins, decideWith }
}

const names = commands.map(({ name }) => `/${name}`)

type Behind = { inbox: Inbox; commands: string[] | null; answers: Answers; responseOrigins: string[] }

/** Only what is used is loaded: each has libraries of its own. */
async function inletOf({ config, clock, log, ports }: StartParts, behind: Behind): Promise<Inlet> {
  const { appToken, signingSecret, apiUrl } = config.slack
  if (appToken) {
    const { createSocketInlet } = await import('../slack/front-door/socket-inlet.js')
    return createSocketInlet({ ...behind, clock, log, appToken, apiUrl })
  }
  const { createHttpInlet } = await import('../slack/front-door/http-inlet.js')
  const secrets = signingSecret ? [{ secret: signingSecret }] : []
  return createHttpInlet({ ...behind, clock, log, secrets, port: ports.slack })
}
