import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument, type Scalar, visit } from 'yaml'
import { z } from 'zod'
import { refused, type ShipmateError } from '../errors.js'
import type { ApprovalPolicy, Catalogue, Environment, Placement } from './catalogue.js'
import { type Mistake, mistakesBetween } from './catalogue-rules.js'
import { type CatalogueFile, catalogueFile, hiddenKeys } from './catalogue-schema.js'
import { nearest } from './nearest.js'
import { policiesFrom } from './sections/backed-up.js'
import { breakGlassOf } from './sections/break-glass.js'
import { routinesFrom } from './sections/routines.js'
import { taggingFrom } from './sections/tagging.js'
import { watchedParts, watchFrom } from './sections/watched.js'

/**
 * The operator's file from its text. `${NAME}` in strings comes from `env`. Throws one ShipmateError
 * (`catalogue-invalid`) with every mistake as `file:line:column`, what was wanted, what came and what to do.
 */
export function parseCatalogue(text: string, file: string, env: { [name: string]: string | undefined }): Catalogue {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true })
  if (document.errors.length > 0)
    throw invalid(
      file,
      document.errors.map((error) => yamlMistake(file, error)),
    )
  const at = (mistake: Mistake) => shownMistake(file, document, lines, mistake)
  const missing = fillIn(document, env)
  if (missing.length > 0)
    throw invalid(
      file,
      missing.map((mistake) => at(mistake)),
    )
  const parsed = catalogueFile.safeParse(document.toJS(), { error: wantedByDefault, reportInput: true })
  if (!parsed.success) throw invalid(file, parsed.error.issues.flatMap(issueMistakes).map(at))
  const between = mistakesBetween(parsed.data)
  if (between.length > 0) throw invalid(file, between.map(at))
  return catalogueOf(parsed.data)
}

function invalid(file: string, mistakes: string[]): ShipmateError {
  const count = mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`
  return refused('catalogue-invalid', `${file} has ${count}:\n${mistakes.join('\n')}`, {
    wanted: 'a file that shipmate.example.yml explains',
    next: 'Correct the lines named and start again.',
    details: { mistakes },
  })
}

function yamlMistake(
  file: string,
  error: { message: string; linePos?: [{ line: number; col: number }, ...unknown[]] },
) {
  const place = error.linePos ? `${error.linePos[0].line}:${error.linePos[0].col}` : '1:1'
  const came = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')
  return `${file}:${place}: wanted YAML, came something else: ${came}. Check indentation, quotes and colons there.`
}

/** Replaces `${NAME}` in the document's strings; what the environment does not have comes back as mistakes. */
function fillIn(document: Document, env: { [name: string]: string | undefined }): Mistake[] {
  const mistakes: Mistake[] = []
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string') return
      node.value = node.value.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
        const value = env[name]
        if (!value) mistakes.push(unset(pathOf(document, node, ancestors), name))
        return value ?? ''
      })
    },
  })
  return mistakes
}

const unset = (path: (string | number)[], name: string): Mistake => ({
  path,
  wanted: `a value for \${${name}}`,
  came: 'none in the environment',
  next: `Set ${name}, or write the value here.`,
})

function pathOf(document: Document, node: Scalar, ancestors: readonly unknown[]): (string | number)[] {
  const path: (string | number)[] = []
  const line = [...ancestors, node]
  line.forEach((item, at) => {
    const inside = line[at + 1]
    if (isMap(item)) path.push(String(item.items.find((pair) => pair === inside)?.key ?? ''))
    else if (item !== document && isList(item)) path.push(item.items.indexOf(inside))
  })
  return path
}

const isList = (item: unknown): item is { items: unknown[] } =>
  typeof item === 'object' && item !== null && Array.isArray((item as { items?: unknown }).items)

/** What was wanted, where the schema does not say it itself. */
function wantedByDefault(issue: z.core.$ZodRawIssue): string {
  if (issue.code === 'invalid_type') return issue.expected === 'object' ? 'keys with values' : `a ${issue.expected}`
  if (issue.code === 'too_big' || issue.code === 'too_small') return 'a number in range'
  return 'something else'
}

function issueMistakes(issue: z.core.$ZodIssue): Mistake[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key))
  if (issue.code === 'invalid_key') {
    const wanted = issue.issues[0]?.message ?? 'another name'
    return [{ path, wanted, came: `"${path.at(-1)}"`, next: 'Rename it.', atKey: true }]
  }
  return [{ path, wanted: issue.message, next: nextFor(issue) }]
}

function nextFor(issue: z.core.$ZodIssue): string {
  const absent = issue.code === 'invalid_type' || issue.code === 'invalid_value' ? issue.input === undefined : false
  if (absent) return 'Add it.'
  if (issue.code !== 'invalid_value') return 'Change the value.'
  const known = issue.values.map(String)
  const meant = typeof issue.input === 'string' ? nearest(issue.input, known) : null
  return meant ? `Did you mean "${meant}"?` : 'Use one of them.'
}

function unknownKey(path: (string | number)[], key: string): Mistake {
  const known = keysAt(path)
  const meant = nearest(key, known)
  const wanted = known.length > 0 ? `one of the keys ${known.join(', ')}` : 'no such key'
  const next = meant ? `Did you mean "${meant}"?` : 'Remove it.'
  return { path: [...path, key], wanted, came: `the key "${key}"`, next, atKey: true }
}

type Shape = { properties?: { [key: string]: Shape }; additionalProperties?: Shape | boolean; items?: Shape }

/** The keys that the schema knows at a path. */
function keysAt(path: (string | number)[]): string[] {
  let shape = z.toJSONSchema(catalogueFile, { io: 'input', unrepresentable: 'any' }) as Shape | undefined
  for (const part of path) {
    const more = typeof shape?.additionalProperties === 'object' ? shape.additionalProperties : undefined
    shape = typeof part === 'number' ? shape?.items : (shape?.properties?.[part] ?? more)
  }
  return Object.keys(shape?.properties ?? {})
}

function shownMistake(file: string, document: Document, lines: LineCounter, mistake: Mistake): string {
  const { line, col } = lines.linePos(offsetOf(document, mistake))
  const where = mistake.path.length > 0 ? `${mistake.path.join('.')}: ` : ''
  const came = mistake.came ?? cameAt(document, mistake.path)
  return `${file}:${line}:${col}: ${where}wanted ${mistake.wanted}, came ${came}. ${mistake.next}`
}

/** Where the value is; else where its key is; else where the nearest thing around it begins. */
function offsetOf(document: Document, { path, atKey }: Mistake): number {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
  const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === String(path.at(-1))) : undefined
  const key = (pair?.key as Node | undefined)?.range?.[0]
  const value = path.length > 0 ? (document.getIn(path, true) as Node | undefined)?.range?.[0] : undefined
  if (atKey && key !== undefined) return key
  if (value !== undefined) return value
  if (key !== undefined) return key
  return path.length > 0 ? offsetOf(document, { path: path.slice(0, -1), wanted: '', next: '', atKey: true }) : 0
}

/** As written in the file, before `${NAME}` was filled in: what the environment holds may be a secret. */
function cameAt(document: Document, path: (string | number)[]): string {
  const node = path.length > 0 ? document.getIn(path, true) : document.contents
  if (node === undefined || node === null) return 'nothing'
  if (hiddenKeys.some((key) => isHidden(key, path))) return 'a value that is not shown'
  if (!isScalar(node)) return isMap(node) ? 'keys with values' : 'a list'
  if (node.value === null) return 'nothing'
  const source = (node.source ?? String(node.value)).slice(0, 80)
  return typeof node.value === 'string' ? `"${source}"` : source
}

/** By its last key, or by its whole path, in which `*` stands for any name. */
const isHidden = (key: string, path: (string | number)[]) =>
  key === String(path.at(-1)) ||
  path.at(-2) === 'secrets' ||
  (key.split('.').length === path.length && key.split('.').every((part, at) => part === '*' || part === path[at]))

function catalogueOf(file: CatalogueFile): Catalogue {
  const named = <T extends object>(record: { [name: string]: T }) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, { name, ...value }]))
  const services = Object.entries(file.services).map(([name, service]) => {
    const placed = Object.entries(service.environments)
    const environments = placed.map(([environment, { watch: _, ...place }]): [string, Placement] => [
      environment,
      { service: name, environment, ...place, maxInstances: place.maxInstances ?? place.instances },
    ])
    const watch = placed.flatMap(([environment, { watch }]) =>
      watch ? [[environment, watchFrom(watch, name, environment)] as const] : [],
    )
    const whole = { environments: Object.fromEntries(environments), watch: Object.fromEntries(watch) }
    const { releases, repository = null } = service
    const tagging = taggingFrom(service.tagging)
    return [name, { name, releases, repository, tagging, ...whole }] as const
  })
  const environments = Object.entries(file.environments).map(([name, environment]) => {
    const { defaultService = null, byHand, ...rest } = environment
    const approvals = { ...rest.approvals, restore: rest.approvals.restore ?? restoring(rest.approvals.deploy) }
    const asks = byHand ?? asksPeople(rest.approvals)
    const breakGlass = breakGlassOf(environment)
    return [name, { name, defaultService, ...rest, byHand: asks, approvals, breakGlass }] as const
  })
  return {
    zone: file.zone,
    slack: { adminGroup: file.slack.adminGroup ?? null },
    people: file.people,
    deadMan: file.deadMan ?? null,
    incidents: file.incidents,
    onCall: file.onCall ?? null,
    pagerduty: file.pagerduty ?? null,
    statusPage: file.statusPage ?? null,
    customers: file.customers ?? null,
    followUps: file.followUps ?? null,
    alerts: file.alerts,
    ...watchedParts(file),
    backups: policiesFrom(file),
    routines: routinesFrom(file),
    targets: named(file.targets),
    services: Object.fromEntries(services),
    environments: Object.fromEntries(environments),
  }
}

/** Where people are asked before a change, going back matters enough to be prepared for. */
const asksPeople = ({ deploy, rollback, scale, operate }: Omit<Environment['approvals'], 'restore' | 'backup'>) =>
  [deploy, rollback, scale, operate].some(({ quorum }) => quorum > 0)

/** Left out: those who approve deploys, two of them at least, and never who asks. */
const restoring = (deploy: ApprovalPolicy): ApprovalPolicy => ({
  ...deploy,
  quorum: Math.max(2, deploy.quorum),
  requester: 'excluded',
})
