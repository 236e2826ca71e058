import { nearest } from '../releases/nearest.js'
import type { Command, Known, Parsed, Usage } from './command.js'
import { parseRoutines } from './ops/routines.js'
import { parseBreakGlass } from './ops-glass.js'
import { parseDrill, parseGuides, parseMetrics } from './ops-incident.js'
import { parseCancel, parseHandOver, parseLock, parseLocks, parseQueue, parseUnlock } from './ops-lock.js'
import { cut, isProblem, problem, settledPlace, spokenPlace, unknownName } from './place.js'

/** One word after /ops. */
type OpsWord = { name: string; also?: string[]; usage: Usage; parse(words: string[], known: Known): Parsed }

const opsWords: OpsWord[] = [
  {
    name: 'status',
    usage: { usage: '/ops status', summary: 'What serves where', example: '/ops status', right: 'view' },
    parse: () => ({ kind: 'query', query: { name: 'status' } }),
  },
  {
    name: 'runs',
    also: ['run'],
    usage: {
      usage: '/ops runs [environment | number]',
      summary: 'The latest runs, or one of them',
      example: '/ops runs prod',
      right: 'view',
    },
    parse: parseRuns,
  },
  {
    name: 'why',
    usage: {
      usage: '/ops why [service] <environment>',
      summary: 'Why can I not deploy? Every gate at once',
      example: '/ops why prod',
      right: 'view',
    },
    parse: (words, known) => parsePlace('why', '/ops why', words, known),
  },
  {
    name: 'diagnose',
    also: ['diagnosis', 'check'],
    usage: {
      usage: '/ops diagnose [service] <environment>',
      summary: 'What is broken? Every check at once, and where it may begin',
      example: '/ops diagnose prod',
      right: 'view',
    },
    parse: (words, known) => parsePlace('diagnosis', '/ops diagnose', words, known),
  },
  {
    name: 'locks',
    usage: {
      usage: '/ops locks [environment]',
      summary: 'Who holds what, why, since and until when, who waits for it, and how to clear it',
      example: '/ops locks',
      right: 'view',
    },
    parse: parseLocks,
  },
  {
    name: 'queue',
    also: ['line'],
    usage: {
      usage: '/ops queue [service] [environment]',
      summary: 'Who stands in line, in order',
      example: '/ops queue prod',
      right: 'view',
    },
    parse: parseQueue,
  },
  {
    name: 'lock',
    usage: {
      usage: '/ops lock [service] <environment> [for 2h | until 18:00] <reason>',
      summary: 'Let nobody deploy there until then, or until it is unlocked',
      example: '/ops lock prod for 2h because exam week',
      right: 'lock',
    },
    parse: parseLock,
  },
  {
    name: 'hand-over',
    also: ['handover'],
    usage: {
      usage: '/ops lock [service] <environment> hand-over @person',
      summary: 'Give a lock to somebody else',
      example: '/ops lock prod hand-over @rita',
      right: 'lock',
    },
    parse: parseHandOver,
  },
  {
    name: 'unlock',
    usage: {
      usage: '/ops unlock [service] <environment> [because <reason>]',
      summary: 'Let people deploy there again; somebody else’s lock needs a reason',
      example: '/ops unlock prod',
      right: 'lock',
    },
    parse: parseUnlock,
  },
  {
    name: 'break-glass',
    also: ['breakglass', 'glass'],
    usage: {
      usage: '/ops break-glass [service] <environment> [for 1h] because <reason>',
      summary:
        'Decide alone for a while, because nobody who approves can be reached; it is told, and reviewed afterwards',
      example: '/ops break-glass prod for 1h because payments are down and nobody answers',
      right: 'breakGlass',
    },
    parse: parseBreakGlass,
  },
  {
    name: 'cancel',
    also: ['stop'],
    usage: {
      usage: '/ops cancel <number> [reason]',
      summary: 'Stop a run, or leave the line; what it did is undone',
      example: '/ops cancel 482 the tests are red',
      right: 'view',
    },
    parse: parseCancel,
  },
  {
    name: 'guide',
    also: ['guides', 'runbook'],
    usage: {
      usage: '/ops guide [search <words> | name]',
      summary: 'Recovery guides: all, those that fit, or one of them',
      example: '/ops guide search slow checkout',
      right: 'view',
    },
    parse: parseGuides,
  },
  {
    name: 'drill',
    usage: {
      usage: '/ops drill [<guide> [service] [environment]]',
      summary: 'Rehearse a guide with people, scored at its end; without words, how guides were rehearsed',
      example: '/ops drill slow-application prod',
      right: 'view',
    },
    parse: parseDrill,
  },
  {
    name: 'oncall',
    also: ['on-call'],
    usage: { usage: '/ops oncall', summary: 'Who is on duty now', example: '/ops oncall', right: 'view' },
    parse: () => ({ kind: 'incident query', query: { name: 'on call' } }),
  },
  {
    name: 'routines',
    also: ['routine', 'tasks', 'chores'],
    usage: {
      usage: '/ops routines [done <name> [what shows it] | skip <name> because <reason>]',
      summary: 'Recurring work: what is due, what comes next, who did it last; say that one is done, or why not',
      example: '/ops routines',
      right: 'view',
    },
    parse: parseRoutines,
  },
  {
    name: 'metrics',
    usage: {
      usage: '/ops metrics [days]',
      summary: 'How often deploys succeed, and how long incidents take',
      example: '/ops metrics 30',
      right: 'view',
    },
    parse: parseMetrics,
  },
  {
    name: 'audit',
    also: ['trail'],
    usage: {
      usage: '/ops audit',
      summary: 'The latest acts outside runs: takeovers, locks by hand, Shipmate brought back',
      example: '/ops audit',
      right: 'view',
    },
    parse: () => ({ kind: 'query', query: { name: 'audit' } }),
  },
  {
    name: 'token',
    usage: {
      usage: '/ops token [list | revoke [person]]',
      summary: 'A personal token for the terminal, shown once; a new one replaces it',
      example: '/ops token',
      right: null,
    },
    parse: parseToken,
  },
  {
    name: 'help',
    usage: { usage: '/ops help', summary: 'What you may say here', example: '/ops help', right: null },
    parse: (words) => ({ kind: 'query', query: { name: 'help', ...(words[0] ? { command: words[0] } : {}) } }),
  },
]

/** What may follow /ops, for mentions that leave the slash command out. */
export const opsNames = opsWords.flatMap(({ name, also = [] }) => [name, ...also])

/** Looking around: nothing here changes what runs. */
export const ops: Command = {
  name: 'ops',
  summary: 'Status, runs, locks, lines and help',
  usages: opsWords.map(({ usage }) => usage),
  parse: ([first = 'help', ...rest], known) => {
    const word = opsWords.find(({ name, also = [] }) => [name, ...also].includes(first.toLowerCase()))
    if (word) return word.parse(rest, known)
    const meant = nearest(first, opsNames)
    const hint = meant ? `Did you mean ${meant}?` : `There are: ${opsWords.map(({ name }) => name).join(', ')}.`
    return problem(`/ops does not know "${cut(first)}". ${hint}`, '/ops status')
  },
}

function parseRuns(words: string[], known: Known): Parsed {
  const number = words.map((word) => /^#?(\d{1,9})$/.exec(word)?.[1]).find((digits) => digits !== undefined)
  if (number !== undefined) return { kind: 'query', query: { name: 'run', run: Number(number) } }
  const spoken = spokenPlace(words, known)
  const [odd] = spoken.rest
  if (odd !== undefined) return unknownName(odd, spoken, known, '/ops runs prod')
  const { environment } = spoken
  return { kind: 'query', query: { name: 'runs', ...(environment ? { environment } : {}) } }
}

/** What is asked about one service in one environment. */
function parsePlace(name: 'why' | 'diagnosis', said: string, words: string[], known: Known): Parsed {
  const example = `${said} prod`
  const spoken = spokenPlace(words, known)
  const [odd] = spoken.rest
  if (odd !== undefined) return unknownName(odd, spoken, known, example)
  const place = settledPlace(spoken, known, example)
  if (place !== null) return isProblem(place) ? place : { kind: 'query', query: { name, ...place } }
  if (spoken.environment === null) return problem(`Say where: ${known.environments.join(' or ')}.`, example)
  return problem(`Say which service: ${known.placed(spoken.environment).join(' or ')}.`, `${said} storefront prod`)
}

function parseToken([word, whose]: string[]): Parsed {
  if (word === undefined || /^(issue|new)$/i.test(word)) return { kind: 'act', act: { name: 'token', what: 'issue' } }
  if (/^list$/i.test(word)) return { kind: 'act', act: { name: 'token', what: 'list' } }
  if (!/^revoke$/i.test(word))
    return problem(`A token can be issued, listed or revoked, not "${cut(word)}".`, '/ops token list')
  if (whose === undefined) return { kind: 'act', act: { name: 'token', what: 'revoke' } }
  const of = /^(?:<@)?([UW][A-Z0-9]{2,})(?:\|[^>]*)?>?$/.exec(whose)?.[1]
  if (of) return { kind: 'act', act: { name: 'token', what: 'revoke', of } }
  return problem(`Name a person by a mention or a member id, not "${cut(whose)}".`, '/ops token revoke @rita')
}
