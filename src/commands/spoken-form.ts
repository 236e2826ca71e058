import type { Via } from './command.js'
import { commands } from './commands.js'
import type { Gate, PlaceLine, Reply } from './reply.js'

/** How a command is said where words came from: `/deploy prod`, `@shipmate deploy prod` in a thread, `shipmate deploy prod`. */
export function spokenForm(text: string, via: Via): string {
  if (via !== 'terminal' && via !== 'mention') return text
  if (via === 'terminal') return commandForm(text.replace(/^Your click/, 'That'), via)
  return commandForm(text, via)
}

function commandForm(text: string, via: 'terminal' | 'mention'): string {
  const before = via === 'terminal' ? 'shipmate ' : '@shipmate '
  return text.replace(slashForm, (slash, start: string, name: string, rest: string) =>
    // A token is given out in Slack only.
    via === 'terminal' && name === 'ops' && /^ token(?! revoke)/.test(rest) ? slash : `${start}${before}${name}${rest}`,
  )
}

/** A reply whose way forward can be taken where it is read: slash commands work neither in a terminal nor in a thread. */
export function replyFor(via: Via, reply: Reply): Reply {
  const said = (text: string) => spokenForm(text, via)
  const gateSaid = (gate: Gate): Gate => ({ ...gate, evidence: nextSaid(gate.evidence, said) })
  const placeSaid = (place: PlaceLine) => ({ ...place, clear: place.clear && said(place.clear) })
  switch (reply.kind) {
    case 'refused': {
      const { code, what, why, next } = reply.refusal
      return { kind: 'refused', refusal: { code, what: said(what), why: said(why), next: said(next) } }
    }
    case 'said':
      return { kind: 'said', text: said(reply.text) }
    case 'accepted':
      return { ...reply, text: said(reply.text) }
    case 'help':
      return {
        ...reply,
        entries: reply.entries.map(({ usage, summary, example }) => ({
          usage: said(usage),
          summary,
          example: said(example),
        })),
      }
    case 'lines':
      return { ...reply, title: said(reply.title), none: said(reply.none), places: reply.places.map(placeSaid) }
    case 'why':
      return { ...reply, gates: reply.gates.map(gateSaid) }
    case 'diagnosis':
      return {
        ...reply,
        begins: reply.begins && gateSaid(reply.begins),
        findings: reply.findings.map(gateSaid),
      }
    default:
      return reply
  }
}

const nextSaid = <Found extends { next?: string }>(evidence: Found, said: (text: string) => string): Found =>
  evidence.next === undefined ? evidence : { ...evidence, next: said(evidence.next) }

const slashForm = new RegExp(`(^|[\\s("\`])/(${commands.map(({ name }) => name).join('|')})\\b(.{0,14})`, 'g')
