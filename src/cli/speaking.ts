import { type Answer, giveAnswer } from './answering.js'
import { type Conversation, converse } from './conversation.js'
import { replyLines } from './drawing/reply-lines.js'
import type { ExitCode } from './exit-codes.js'
import { follow } from './following.js'
import { instanceUrl, personalToken } from './instance.js'
import type { Terminal } from './terminal.js'

export type Wishes = { wait?: boolean; json?: boolean }

/** Speaks a command as it would be typed in Slack, and follows the run it started when asked to. */
export async function speak(
  terminal: Terminal,
  command: string,
  words: string[],
  wishes: Wishes = {},
): Promise<ExitCode> {
  const conversation = await startConversation(terminal)
  const reply = await conversation.say(command, words.map(quoted).join(' '))
  return giveAnswer(terminal, await followed(terminal, conversation, { reply }, wishes), wishes.json ?? false)
}

/** The run that was accepted, watched to its end when `wait` is wished. */
export async function followed(
  terminal: Terminal,
  conversation: Conversation,
  answer: Answer,
  wishes: Wishes,
): Promise<Answer> {
  const { reply } = answer
  if (!wishes.wait || reply.kind !== 'accepted') return answer
  const tell = wishes.json ? terminal.err : terminal.out
  for (const line of replyLines(reply, terminal.clock.now())) tell(line)
  return { reply, view: await follow(terminal, conversation, reply.run.id, tell) }
}

/** A conversation with the Shipmate this terminal belongs to, as the holder of its token. */
export async function startConversation(terminal: Terminal): Promise<Conversation> {
  return converse({ url: await instanceUrl(terminal), token: await personalToken(terminal) })
}

// The shell has taken the quotes off; words that held together are put in quotes again.
const quoted = (word: string) => (/\s/.test(word) ? `"${word.replaceAll('"', '')}"` : word)
