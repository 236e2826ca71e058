/** Why somebody may not: what was refused, the rule and where it stands, the way forward. Never a secret, never blame. */
export type Denial = { code: string; what: string; why: string; next: string }
