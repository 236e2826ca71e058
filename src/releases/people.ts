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
  /** The IANA name of the time zone this person lives in, as far as Slack knows. */
  zone: string | null
  /** When this was learnt; a stale answer fails closed. */
  asOf: Date
  /** Slack could not be reached: this is by the member list it last gave, believed for `limit` milliseconds. */
  list?: { limit: number }
}

/** Who people are. Throws ShipmateError (kind failed) when it cannot be told: callers fail closed. */
export type Directory = {
  standing(person: string): Promise<Standing>
  /** Ids of a group's members; an unknown group throws with the handle in the message. */
  members(group: string): Promise<string[]>
}

/** Who was a full member and in which groups when Slack was last asked; groups by handle, without @. */
export type MemberList = {
  team: string
  readAt: Date
  people: { id: string; name: string }[]
  groups: { [handle: string]: string[] }
}

export type MemberLists = {
  keep(list: MemberList): Promise<void>
  /** The newest one, whatever its age. */
  last(): Promise<MemberList | null>
}
