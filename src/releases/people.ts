/**
 * What Slack says about a person now. Only full, living members of the home workspace count as people:
 * guests, outsiders, bots and the deactivated hold no role whatever groups they are in.
 */
export type Standing = {
  id: string
  name: string
  /** Null when a full member; else why not, in words for the refusal: "a guest", "deactivated", "from another workspace". */
  barred: string | null
  /** Handles of user groups, without @. */
  groups: string[]
  /** When this was learnt; a stale answer fails closed. */
  asOf: Date
}

/** Who people are. Throws ShipmateError (kind failed) when it cannot be told: callers fail closed. */
export type Directory = {
  standing(person: string): Promise<Standing>
  /** Ids of a group's members; an unknown group throws with the handle in the message. */
  members(group: string): Promise<string[]>
}
