import { validateBlocks, validateMessage, validateView } from '../blocks/validate.js'
import { refuse, refuseWith } from '../refusal.js'
import { handleOf } from '../seed.js'
import { botProfile } from '../shapes/message.js'
import type { World } from '../world.js'
import type { Args } from './args.js'
import type { Family } from './method.js'

/** Who the app is, whether it may connect, and what Slack would say to its blocks. */
export function sessionMethods(openSocket: (world: World) => string): Family {
  return {
    'api.test': (_world, args) => {
      if (args.has('error')) refuse(args.text('error'), { args: args.raw })
      return { args: args.raw }
    },
    'auth.test': ({ app, team, url }) => ({
      url: `${url()}/`,
      team: team.name,
      user: handleOf(app.display_name),
      team_id: team.id,
      user_id: app.bot_user_id,
      bot_id: app.bot_id,
      is_enterprise_install: false,
    }),
    'apps.connections.open': (world) => ({ url: openSocket(world) }),
    'bots.info': (world, args) => {
      if (args.has('bot') && args.text('bot') !== world.app.bot_id) refuse('bot_not_found')
      return { bot: { ...botProfile(world), user_id: world.app.bot_user_id } }
    },
    'team.info': ({ team }) => ({ team: { ...team, email_domain: '', icon: {} } }),
    'blocks.validate': (_world, args) => validated(args),
  }
}

function validated(args: Args) {
  const [code, errors] = violations(args)
  if (errors.length > 0) refuse(code, { errors })
  return {}
}

function violations(args: Args) {
  if (args.has('view')) return ['invalid_view', validateView(args.json('view'))] as const
  if (args.has('message')) return ['invalid_message', validateMessage(Object(args.json('message')))] as const
  if (args.has('blocks')) return ['invalid_blocks', validateBlocks(args.json('blocks'), 'message')] as const
  return refuseWith('invalid_arguments', ['[ERROR] one of blocks, message or view is needed'])
}
