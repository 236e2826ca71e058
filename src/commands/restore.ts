import { onDatabase } from './backup.js'
import type { Command } from './command.js'
import { problem } from './place.js'

const example = '/restore drill shop'

/** Bringing data back; a drill rehearses it and changes nothing. */
export const restore: Command = {
  name: 'restore',
  summary: 'Rehearse a restore',
  usages: [
    {
      usage: '/restore drill [database]',
      summary: 'Restore the latest backup into a scratch server, look at it, measure, and destroy it',
      example,
      right: 'backup',
    },
  ],
  parse: ([first = '', ...rest], known) => {
    if (!/^(drill|rehearse)$/i.test(first)) return problem('Say drill, and which database.', example)
    return onDatabase(rest, known, example, ({ name: database, service, environment }) => ({
      kind: 'intent',
      intent: { job: 'drill', service, environment, input: { database } },
    }))
  },
}
