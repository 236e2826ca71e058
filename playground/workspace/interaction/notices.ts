import type { Receipt } from '../delivery/parcel.js'

/** What Slack itself tells a person when the app does not answer as it should. */
export const notices = {
  commandFailed: (command: string, error: string) => `${command} failed with the error "${error}"`,
  notACommand: (command: string) =>
    `${command} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands. If you are trying to send a message and not run a command, try preceding the "/" with an empty space.`,
  notInThreads: (command: string) => `${command} is not supported in threads. Sorry!`,
  trouble: 'We had some trouble connecting. Try again?',
  noAnswer: 'This app is not responding. Try again in a moment.',
  noOptions: 'The options could not be loaded. Try again.',
}

/** Slack's word for a command that the app did not acknowledge with 200 in time. */
export function commandError(receipt: Receipt): 'operation_timeout' | 'dispatch_failed' | undefined {
  if (receipt.outcome === 'acked') return undefined
  return receipt.outcome === 'timeout' ? 'operation_timeout' : 'dispatch_failed'
}
