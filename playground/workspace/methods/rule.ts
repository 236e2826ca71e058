import { words } from './terms.js'

export type MethodRule = {
  /** 1 to 4 are Slack's tiers; `post` is about one a second and channel; `special` several hundred a minute. */
  tier: 1 | 2 | 3 | 4 | 'post' | 'special'
  token: 'bot' | 'app' | 'none'
  /** Any one suffices; none are needed when empty. For conversations.* it has to be the one of the channel's kind. */
  scopes: string[]
  required: string[]
  /** The errors of this method alone; `commonErrors` may come from any. */
  errors: string[]
}

export function rule(
  tier: MethodRule['tier'],
  scopes: string,
  required: string,
  errors: string,
  token: MethodRule['token'] = 'bot',
): MethodRule {
  return { tier, token, scopes: words(scopes), required: words(required), errors: words(errors) }
}
