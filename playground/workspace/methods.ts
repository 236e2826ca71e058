export type MethodRule = {
  /** 1–4 are Slack's tiers; `post` is about one a second and channel; `special` several hundred a minute. */
  tier: 1 | 2 | 3 | 4 | 'post' | 'special'
  token: 'bot' | 'app' | 'none'
  /** Any one suffices; none are needed when empty. */
  scopes: string[]
  required: string[]
  /** The errors of this method alone; `commonErrors` may come from any. */
  errors: string[]
}

export const methods: Record<string, MethodRule> = {}

export const commonErrors: string[] = []
