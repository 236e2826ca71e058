import type { Field, Form } from '../../commands/reply.js'
import { refused } from '../../errors.js'
import { needs } from '../../releases/approvals.js'
import {
  type Environment,
  environmentOf,
  type PlacedAct,
  type Placement,
  placedIn,
  placementOf,
} from '../../releases/catalogue.js'
import type { Standing } from '../../releases/people.js'
import { denied, unproven } from '../../releases/permission.js'
import { newestToDeploy, returns } from '../../releases/versions.js'
import { historyLength } from '../place.js'
import { type DeskParts, knownNames, within } from './parts.js'
import { where } from './rights.js'

/** Forms that ask for a run. */
type FormName = PlacedAct

export type FormValues = { [field: string]: string }

/** A form with what is known and the likely rest filled in. Throws refused when this person may do it nowhere. */
export async function form(
  parts: DeskParts,
  name: FormName,
  known: FormValues,
  standing: Standing | null,
): Promise<Form> {
  requireProven(standing, parts.clock.now(), name)
  const environments = where(parts, name, standing).filter((one) => placedIn(parts.catalogue, one.name).length > 0)
  requireNamed(parts, name, known, standing)
  const environment = environments.find((one) => one.name === known.environment) ?? environments[0]
  if (!environment) throw nowhere(name)
  const services = placedIn(parts.catalogue, environment.name)
  const usual = knownNames(parts.catalogue).usual(environment.name)
  const service = services.find((one) => one === known.service) ?? usual ?? services[0] ?? ''
  const place = placementOf(parts.catalogue, service, environment.name)
  const last = place ? await lastField(parts, name, place, known) : null
  const nothing = name !== 'scale' && last?.options?.length === 0
  return {
    name,
    ...words[name],
    intro: nothing && place ? nothingIn(name, place) : introOf(name, environment),
    fields: [
      {
        name: 'environment',
        label: 'Environment',
        value: environment.name,
        refresh: true,
        options: named(environments),
      },
      { name: 'service', label: 'Service', value: service, refresh: true, options: services.map(option) },
      ...(last && !nothing ? [last] : []),
    ],
  }
}

const words: { [name in FormName]: { title: string; submit: string } } = {
  deploy: { title: 'Deploy', submit: 'Deploy' },
  rollback: { title: 'Roll back', submit: 'Roll back' },
  scale: { title: 'Scale', submit: 'Scale' },
}

function introOf(name: FormName, { name: environment, approvals, mode }: Environment): string {
  if (mode === 'observe') return `${environment} only observes: the plan is shown and nothing is changed.`
  const policy = approvals[name]
  if (policy.quorum === 0) return `In ${environment} nobody else has to approve: it begins when its plan is made.`
  return `The plan is shown first; ${needs({ environment, ...policy })}.`
}

const nothingIn = (name: FormName, { service, environment }: Placement) =>
  name === 'rollback'
    ? `${service} has no release to go back to in ${environment}: none served there before that can come back.`
    : `${service} has no release newer than the one that serves ${environment}.`

const option = (value: string) => ({ value, label: value })
const named = (environments: Environment[]) => environments.map(({ name }) => option(name))

function lastField(parts: DeskParts, name: FormName, place: Placement, known: FormValues): Promise<Field> | Field {
  if (name === 'scale') return instancesField(place, known)
  return name === 'deploy' ? deployVersions(parts, place, known) : rollbackVersions(parts, place, known)
}

/** Slack shows no more than that in one list. */
const mostOptions = 100

function instancesField({ maxInstances, instances }: Placement, known: FormValues): Field {
  const base = { name: 'instances', label: 'Instances', hint: `1 to ${maxInstances}` }
  const value = known.instances ?? String(instances)
  const options = Array.from({ length: Math.min(maxInstances, mostOptions) }, (_, at) => option(String(at + 1)))
  return options.some((one) => one.value === value) ? { ...base, value, options } : { ...base, options }
}

async function deployVersions(parts: DeskParts, place: Placement, known: FormValues): Promise<Field> {
  const [releases, serving] = await Promise.all([
    parts.sources(place.service).list(place.service),
    servingNow(parts, place),
  ])
  const now = releases.findIndex(({ version }) => version === serving)
  const newer = (now < 0 ? releases : releases.slice(0, now)).slice(0, mostOptions)
  const options = newer.map(({ version, changes, migrations }) => ({
    value: version,
    label: version,
    description: `${plural(changes.length, 'change')}, ${plural(migrations.length, 'migration')}`,
  }))
  const usual = newestToDeploy(releases, serving)?.version
  return choice(options, known.version ?? usual, serving === null ? undefined : `${serving} serves now`)
}

async function rollbackVersions(parts: DeskParts, place: Placement, known: FormValues): Promise<Field> {
  const [releases, serving, history] = await Promise.all([
    parts.sources(place.service).list(place.service),
    servingNow(parts, place),
    parts.deployments.history(place.service, place.environment, historyLength),
  ])
  const options = returns(history, releases, serving ?? history[0]?.version ?? null)
    .filter(({ whyNot }) => whyNot === null)
    .slice(0, mostOptions)
    .map(({ version, run }) => ({
      value: version,
      label: version,
      ...(run === null ? {} : { description: `served since #${run}` }),
    }))
  return choice(options, known.version, serving === null ? undefined : `${serving} serves now`)
}

function choice(options: NonNullable<Field['options']>, known: string | undefined, hint: string | undefined): Field {
  const value = options.find((one) => one.value === known)?.value ?? options[0]?.value
  const base: Field = { name: 'version', label: 'Version', optional: true, options }
  return { ...base, ...(value === undefined ? {} : { value }), ...(hint === undefined ? {} : { hint }) }
}

const patience = 1_000

/** What serves now, by the target, else by our own rows: a form only proposes. */
async function servingNow(parts: DeskParts, place: Placement): Promise<string | null> {
  const state = await within(parts, patience, parts.targets(place.target).look(place)).catch(() => null)
  if (state) return state.serving
  const [last] = await parts.deployments.history(place.service, place.environment, 1)
  return last?.version ?? null
}

/** Whoever holds no role anywhere hears that, not that a right is missing. */
function requireProven(standing: Standing | null, now: Date, name: FormName): void {
  const denial = unproven(standing, now, `You may not ${words[name].title.toLowerCase()}.`)
  if (!denial) return
  throw refused(denial.code, denial.what, {
    wanted: 'a full member of this workspace',
    came: standing?.barred ?? 'somebody whom Slack could not tell about',
    next: denial.next,
  })
}

/** Whoever named a place is not offered another one instead. */
function requireNamed(
  { catalogue, clock }: DeskParts,
  name: FormName,
  known: FormValues,
  standing: Standing | null,
): void {
  const environment = known.environment === undefined ? null : environmentOf(catalogue, known.environment)
  const denial = environment && denied(name, environment, standing, clock.now())
  if (denial) throw refused(denial.code, `${denial.what} ${denial.why}`, { next: denial.next })
}

const plural = (count: number, thing: string) => `${count} ${thing}${count === 1 ? '' : 's'}`

const nowhere = (name: FormName) =>
  refused('may-not-anywhere', `There is no environment where you may ${words[name].title.toLowerCase()}.`, {
    wanted: `the right to ${words[name].title.toLowerCase()} in some environment`,
    came: 'none',
    next: 'Ask the operator for it; /ops help shows what you may do.',
  })
