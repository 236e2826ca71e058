import type { Json } from './state/rows.js'

/** Slack's "no": `{ ok: false, error: code, ...fields }` at HTTP 200. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly fields: Json = {},
  ) {
    super(code)
    this.name = 'Refusal'
  }
}

/** Throws Slack's "no". */
export function refuse(code: string, fields: Json = {}): never {
  throw new Refusal(code, fields)
}

/** Throws `invalid_arguments` (or another code) with one line for each thing that is wrong. */
export function refuseWith(code: string, messages: string[]): never {
  throw new Refusal(code, { response_metadata: { messages } })
}
