import { nearest } from '../releases/nearest.js'
import type { Command, Known, Parsed, Usage } from './command.js'
import {
  about,
  act,
  parseDeclare,
  parseDone,
  parseDuplicate,
  parseFix,
  parseGuide,
  parsePage,
  parsePublish,
  parseRole,
  parseRollback,
  parseSeverity,
  parseSuspect,
  parseTask,
  parseUpdate,
  saying,
  withoutBecause,
} from './incident-parsing.js'
import { cut, problem } from './place.js'

/** One word after /incident. What begins with none of them is what is wrong. */
type IncidentWord = { name: string; also?: string[]; usage: Usage; parse(words: string[], known: Known): Parsed }

const usage = (usage: string, summary: string, example: string): Usage => ({ usage, summary, example, right: null })

const incidentWords: IncidentWord[] = [
  {
    name: 'list',
    usage: usage('/incident list [all]', 'Incidents that are open, or all of the latest', '/incident list'),
    parse: ([all]) => ({ kind: 'incident query', query: { name: 'incidents', all: all?.toLowerCase() === 'all' } }),
  },
  {
    name: 'show',
    also: ['status'],
    usage: usage('/incident show [number]', 'One incident as its card shows it', '/incident show 31'),
    parse: about((incident) => ({ kind: 'incident query', query: { name: 'incident', ...incident } })),
  },
  {
    name: 'timeline',
    usage: usage('/incident timeline [number]', 'What happened, in order', '/incident timeline'),
    parse: about((incident) => ({ kind: 'incident query', query: { name: 'timeline', ...incident } })),
  },
  {
    name: 'review',
    usage: usage(
      '/incident review [number]',
      'The document for afterwards, as far as it can be written',
      '/incident review 31',
    ),
    parse: about((incident) => ({ kind: 'incident query', query: { name: 'review', ...incident } })),
  },
  {
    name: 'record',
    usage: usage(
      '/incident record [number]',
      'What was done to recover: what, who, when, and what proves it',
      '/incident record 31',
    ),
    parse: about((incident) => ({ kind: 'incident query', query: { name: 'record', ...incident } })),
  },
  {
    name: 'note',
    usage: usage(
      '/incident note [number] <text>',
      'Write a finding into the timeline',
      '/incident note the card network is fine',
    ),
    parse: saying('note', (incident, text) => ({ name: 'note', text, ...incident })),
  },
  {
    name: 'decision',
    usage: usage(
      '/incident decision [number] <text>',
      'Write down what was decided',
      '/incident decision we roll back',
    ),
    parse: saying('decision', (incident, text) => ({ name: 'note', kind: 'decision', text, ...incident })),
  },
  {
    name: 'severity',
    also: ['sev'],
    usage: usage('/incident severity [number] <SEV1 … SEV4>', 'Say how bad it is', '/incident severity SEV2'),
    parse: parseSeverity,
  },
  {
    name: 'role',
    also: ['roles', 'claim'],
    usage: usage(
      '/incident role [number] <role> [@person | nobody]',
      'Take a role, hand it over, or give it back',
      '/incident role commander @rita',
    ),
    parse: parseRole,
  },
  {
    name: 'task',
    usage: usage(
      '/incident task [number] <text> [@person]',
      'Something to do now',
      '/incident task ask the bank @marco',
    ),
    parse: parseTask('task'),
  },
  {
    name: 'follow-up',
    also: ['followup', 'action'],
    usage: usage(
      '/incident follow-up [number] <text> [@person]',
      'Something to do afterwards',
      '/incident follow-up alert on pool use',
    ),
    parse: parseTask('follow-up'),
  },
  {
    name: 'fix',
    also: ['fixed'],
    usage: usage(
      '/incident fix [number] <version | #change | commit> [@person]',
      'What ends the error: it is followed to its release, and watched for a day after it went live',
      '/incident fix v1.8.2',
    ),
    parse: parseFix,
  },
  {
    name: 'done',
    usage: usage('/incident done [number] <task>', 'Tick a task off by its number', '/incident done 4'),
    parse: parseDone,
  },
  {
    name: 'update',
    usage: usage(
      '/incident update [number] [investigating | identified | monitoring | resolved] <text>',
      'Draft what people outside are told; it is published when somebody has read it',
      '/incident update identified A release slows the checkout; we are taking it back.',
    ),
    parse: parseUpdate,
  },
  {
    name: 'publish',
    usage: usage('/incident publish [number] <draft>', 'Publish a draft by its number', '/incident publish 2'),
    parse: parsePublish,
  },
  {
    name: 'guide',
    usage: usage('/incident guide [number] <name>', 'Follow a guide, step by step', '/incident guide slow-application'),
    parse: parseGuide,
  },
  {
    name: 'suspect',
    usage: usage(
      '/incident suspect [INC-number] <number> <confirmed | cleared>',
      'Say whether a suspect was the cause',
      '/incident suspect 1 confirmed',
    ),
    parse: parseSuspect,
  },
  {
    name: 'rollback',
    usage: usage(
      '/incident rollback [number] <run>',
      'Roll a suspected deploy back, under the usual approvals',
      '/incident rollback 482',
    ),
    parse: parseRollback,
  },
  {
    name: 'page',
    usage: usage('/incident page [number] [@person]', 'Call whoever is on duty, or one person', '/incident page'),
    parse: parsePage,
  },
  {
    name: 'acknowledge',
    also: ['ack'],
    usage: usage(
      '/incident acknowledge [number]',
      'Say that you are there; nobody else is called',
      '/incident acknowledge',
    ),
    parse: about((incident) => act({ name: 'acknowledge', ...incident })),
  },
  {
    name: 'resolve',
    usage: usage(
      '/incident resolve [number] [because <reason>]',
      'It is over: when the checks say so, or with a reason',
      '/incident resolve',
    ),
    parse: saying(
      'resolve',
      (incident, text) => ({ name: 'resolve', reason: withoutBecause(text), ...incident }),
      true,
    ),
  },
  {
    name: 'reopen',
    usage: usage(
      '/incident reopen [number] [because <reason>]',
      'It was not over',
      '/incident reopen it is slow again',
    ),
    parse: saying('reopen', (incident, text) => ({ name: 'reopen', reason: withoutBecause(text), ...incident }), true),
  },
  {
    name: 'archive',
    usage: usage('/incident archive [number]', 'Nothing more is expected of anybody', '/incident archive 31'),
    parse: about((incident) => act({ name: 'archive', ...incident })),
  },
  {
    name: 'duplicate',
    also: ['dup', 'merge'],
    usage: usage(
      '/incident duplicate [number] <of number>',
      'The same trouble as another incident',
      '/incident duplicate 32 31',
    ),
    parse: parseDuplicate,
  },
]

/** Opening an incident, and all that is done about it. */
export const incident: Command = {
  name: 'incident',
  summary: 'Something is broken: open an incident and be guided back',
  usages: [
    usage(
      '/incident [SEV1 … SEV4] [private] [service] [environment] <what is wrong>',
      'Open an incident: a channel, what changed, and a guide',
      '/incident prod the checkout is slow',
    ),
    ...incidentWords.map((word) => word.usage),
  ],
  parse: (words, known) => {
    const [first, ...rest] = words
    if (first === undefined) return { kind: 'form', form: 'incident', known: {} }
    const named = first.toLowerCase()
    const word = incidentWords.find(({ name, also = [] }) => [name, ...also].includes(named))
    if (word) return word.parse(rest, known)
    // One word alone that is nearly one of ours is a slip, not what is wrong.
    const meant =
      rest.length === 0
        ? nearest(
            named,
            incidentWords.map(({ name }) => name),
          )
        : null
    if (meant) return problem(`/incident does not know "${cut(first)}". Did you mean ${meant}?`, `/incident ${meant}`)
    return parseDeclare(words, known)
  },
}
