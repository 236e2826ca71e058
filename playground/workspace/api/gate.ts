import { type MethodRule, methods } from '../methods.js'
import { refuse, refuseWith } from '../refusal.js'
import type { World } from '../world.js'
import type { Args } from './args.js'

export type TokenKind = 'bot' | 'app' | 'none' | 'unknown'

/** What Slack checks before a method sees its call: the method's name, token, scopes and required arguments. */
export function passGate(world: World, method: string, token: string | undefined, args: Args): void {
  const rule = methods[method]
  if (!rule) refuse('unknown_method', { req_method: method })
  checkToken(rule, tokenKind(world, token))
  checkScopes(world, rule)
  const missing = rule.required.filter((name) => !args.has(name))
  if (missing.length > 0) {
    refuseWith(
      'invalid_arguments',
      missing.map((name) => `[ERROR] missing required field: ${name} [json-pointer:/${name}]`),
    )
  }
}

/** Whose token a call carries. */
export function tokenKind({ tokens }: World, token: string | undefined): TokenKind {
  if (!token) return 'none'
  if (token === tokens.bot) return 'bot'
  return token === tokens.app ? 'app' : 'unknown'
}

/** Refuses unless the app was given one of these scopes. */
export function needScope({ app }: World, scopes: string[]): void {
  if (scopes.length === 0 || scopes.some((scope) => app.scopes.has(scope))) return
  refuse('missing_scope', { needed: scopes.join(','), provided: [...app.scopes].join(',') })
}

function checkToken(rule: MethodRule, kind: TokenKind): void {
  if (rule.token === 'none') return
  if (kind === 'none') refuse('not_authed')
  if (kind === 'unknown') refuse('invalid_auth')
  if (kind !== rule.token) refuse('not_allowed_token_type')
}

function checkScopes(world: World, rule: MethodRule): void {
  if (rule.token === 'bot') needScope(world, rule.scopes)
}
