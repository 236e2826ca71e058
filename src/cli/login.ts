import { refused, ShipmateError } from '../errors.js'
import { converse } from './conversation.js'
import { plain } from './drawing/plain.js'
import { type ExitCode, exitCodes } from './exit-codes.js'
import { instanceUrl, keepToken } from './instance.js'
import type { Terminal } from './terminal.js'

/** Reads a token from standard input, tries it, and keeps it where only this person can read it. */
export async function login(terminal: Terminal): Promise<ExitCode> {
  const token = (await terminal.read('Token from `/ops token` in Slack: ')).trim()
  if (!/^shp_[A-Za-z0-9_-]{16,200}$/.test(token)) {
    throw refused('terminal-words', 'This is no token.', {
      wanted: 'shp_ and at least 16 letters or digits, on standard input',
      came: token === '' ? 'nothing' : 'something else',
      next: 'Get one in Slack with `/ops token`.',
    })
  }
  const name = await holderOf(terminal, token)
  const file = await keepToken(terminal, token)
  terminal.out(name ? `Signed in as ${plain(name)}.` : 'The token is kept, but not tried: no Shipmate answers.')
  terminal.out(`It is in ${file}, readable by you alone.`)
  return exitCodes.done
}

/** Null when nobody is there to ask; a token that opens nothing throws. */
async function holderOf(terminal: Terminal, token: string): Promise<string | null> {
  try {
    return (await converse({ url: await instanceUrl(terminal), token }).me()).person.name
  } catch (error) {
    const away = error instanceof ShipmateError && ['shipmate-unreachable', 'not-running'].includes(error.code)
    if (away) return null
    throw error
  }
}
