import type { Actor } from '../runs/run.js'
import { changed, type Deciding, type Decision, denied, keyed } from './deciding.js'
import { nameOf, type RoleHolder } from './incident.js'

/** Takes a role that nobody has. Of two who press at the same moment one has it, and the other is told who. */
export function claimRole(deciding: Deciding, role: string): Decision {
  const { view, by } = deciding
  const held = holderOf(view.incident.roles, role)
  if (!held) return unknownRole(role, view.incident.roles)
  if (held.person?.id === by.id) return { kind: 'so already', text: `You are ${role} already.` }
  if (held.person)
    return denied(
      'role-taken',
      `You did not become ${role}.`,
      `${held.person.name} is ${role}.`,
      `Ask ${held.person.name} to hand over: /incident role ${role} @you`,
    )
  return given(deciding, role, by)
}

/** Gives a role to somebody else, or back to nobody; whoever had it is told. */
export function handOverRole(deciding: Deciding, role: string, to: Actor | null): Decision {
  const held = holderOf(deciding.view.incident.roles, role)
  if (!held) return unknownRole(role, deciding.view.incident.roles)
  if (held.person?.id === to?.id)
    return { kind: 'so already', text: to ? `${to.name} is ${role} already.` : `Nobody is ${role}.` }
  return given(deciding, role, to)
}

function given(deciding: Deciding, role: string, to: Actor | null): Decision {
  const { view, by, now } = deciding
  const { incident } = view
  const before = holderOf(incident.roles, role)?.person ?? null
  const roles = incident.roles.map((one) => (one.role === role ? { role, person: to, since: to ? now : null } : one))
  const text = to
    ? `${to.name} is ${role}${before ? `, taking over from ${before.name}` : ''}.`
    : `Nobody is ${role} now.`
  const key = keyed(`role:${role}`, deciding)
  const toldDirectly =
    to && to.id !== by.id ? [{ key: `${key}:brief`, to: personOf(to), text: brief(role, deciding) }] : []
  return changed(text, {
    set: { roles, ...(incident.acknowledgedAt ? {} : { acknowledgedAt: now }) },
    timeline: [{ key, kind: 'role', at: now, by, text }],
    posts: [{ key, to: { kind: 'thread' }, text }, ...toldDirectly],
    audit: [{ actor: by, act: 'gave a role', subject: { role, to: to?.id ?? null } }],
  })
}

/** What somebody needs to know who just got a role. */
export function brief(role: string, { view }: Pick<Deciding, 'view'>): string {
  const { id, title, severity } = view.incident
  const duty = duties[role] ?? `You are ${role}.`
  return `You are ${role} of ${nameOf(id)} (${severity}): ${title}.\n${duty}`
}

const duties: { [role: string]: string } = {
  commander:
    'You decide and keep the overview; let others do the hands-on work. First: who is communications, and what changed last?',
  communications:
    'You tell people outside what is true and when they hear more. The card says when the next update is due.',
  scribe: 'You note decisions and findings: /incident note … Everything that Shipmate does is written down by itself.',
}

const holderOf = (roles: RoleHolder[], role: string) => roles.find((one) => one.role === role)
const personOf = (actor: Actor) => ({ kind: 'person' as const, person: actor.id })

const unknownRole = (role: string, roles: RoleHolder[]): Decision =>
  denied(
    'role-unknown',
    `There is no role ${role.slice(0, 40)}.`,
    `This incident has: ${roles.map((one) => one.role).join(', ')}.`,
    'The operator’s file names more under incidents.roles.',
  )
