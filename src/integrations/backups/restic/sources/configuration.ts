import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { EngineContext, ScratchFindings } from '../../../../backups/engine.js'
import { asShipmateError } from '../../../../errors.js'
import type { Log } from '../../../../log.js'
import type { SetSource } from '../../../../releases/backups/files-policy.js'
import { createHttp } from '../../../http.js'
import { driftOf, ordered } from '../drift.js'
import type { Before, Restored, Source } from '../source.js'
import { contentOf, createStage, type Stage, stagedIn } from '../staged.js'

type ConfigurationParts = Omit<Extract<SetSource, { kind: 'configuration' }>, 'kind'> & {
  secret(reference: string): Promise<string>
  work: string
  log: Log
}

/** One piece of configuration as it is now: `place` is its path, or the name that it is exported under. */
type Piece = { place: string; name: string; text: string }

/** Configuration as it runs: files, what proxies answer about themselves, workflows of n8n; drift is told by name. */
export function createConfigurationSource(parts: ConfigurationParts): Source {
  const { files, answers, n8n, work } = parts
  const stage = createStage(work)
  const count = files.length + answers.length + (n8n ? 1 : 0)
  return {
    name: count === 1 ? 'one piece of configuration' : `${count} pieces of configuration`,
    whole: true,
    async ready(context) {
      await piecesOf(parts, context)
    },
    async gather(before, context) {
      const pieces = await piecesOf(parts, context)
      await stage.begin()
      for (const { place, text } of pieces)
        if (files.includes(place)) await stage.copy(place)
        else await stage.write(place, text)
      return { roots: [stage.root], faults: [], notes: await driftSince(stage, before, pieces) }
    },
    look: (restored, context) => lookAt(parts, stage, restored, context),
    clear: stage.clear,
  }
}

async function piecesOf(parts: ConfigurationParts, { signal }: EngineContext): Promise<Piece[]> {
  const pieces: Piece[] = []
  for (const file of parts.files) {
    const [content] = await contentOf(file)
    pieces.push({ place: file, name: file.split('/').at(-1) ?? file, text: content.toString('utf8') })
  }
  for (const answer of parts.answers) {
    const { http, path } = await called(parts, answer.name, answer.url, answer.token, null)
    const said = await http.get(path, z.json(), { signal })
    pieces.push({ place: `/answers/${answer.name}.json`, name: answer.name, text: ordered(said) })
  }
  if (parts.n8n) pieces.push(...(await workflowsOf(parts, parts.n8n, signal)))
  return pieces
}

const most = 64 * 1024 * 1024

async function called(
  { secret, log }: ConfigurationParts,
  name: string,
  url: string,
  token: string | null,
  key: string | null,
) {
  const { origin, host, pathname, search } = new URL(url)
  const http = createHttp({
    ...{ name, baseUrl: origin, allowedHosts: [host], maxBytes: most, timeoutMs: 30_000, log },
    ...(token !== null && { token: await secret(token) }),
    ...(key !== null && { headers: { 'X-N8N-API-KEY': await secret(key) } }),
  })
  return { http, path: `${pathname}${search}` }
}

const workflow = z.looseObject({ id: z.union([z.string(), z.number()]), name: z.string().default('') })
const workflowPage = z.object({ data: z.array(workflow), nextCursor: z.string().nullish() })

/** What n8n changes by itself says nothing of the workflow. */
const ownOfN8n = [
  'updatedAt',
  'createdAt',
  'versionId',
  'versionCounter',
  'triggerCount',
  'staticData',
  'shared',
  'activeVersion',
]

async function workflowsOf(
  parts: ConfigurationParts,
  { url, key }: { url: string; key: string },
  signal: AbortSignal,
): Promise<Piece[]> {
  const { http, path } = await called(parts, 'n8n', url, null, key)
  const base = `${path.replace(/\/+$/, '')}/api/v1/workflows?limit=100`
  const pieces: Piece[] = []
  for (let cursor: string | null = null, page = 0; page === 0 || cursor !== null; page += 1) {
    const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const answer: z.output<typeof workflowPage> = await http.get(`${base}${next}`, workflowPage, { signal })
    for (const one of answer.data) {
      const kept = Object.fromEntries(Object.entries(one).filter(([name]) => !ownOfN8n.includes(name)))
      const id = String(one.id).replace(/[^A-Za-z0-9_-]/g, '_')
      pieces.push({ place: `/n8n/${id}.json`, name: `workflow "${one.name.slice(0, 60)}"`, text: ordered(kept) })
    }
    cursor = answer.nextCursor ?? null
  }
  return pieces
}

const told = 8

/** Before the first one there is nothing that anything could have drifted from. */
async function driftSince(stage: Stage, before: Before | null, pieces: Piece[]): Promise<string[]> {
  if (before === null) return []
  const found: string[] = []
  for (const { place, name, text } of pieces) {
    const stored = stagedIn(before.paths, stage.placeOf(place))
    const drift = stored === null ? ['new'] : driftOf((await before.read(stored)).toString('utf8'), text)
    if (drift.length > 0) found.push(`${name}: ${shortly(drift)}`)
  }
  const places = new Set(pieces.map(({ place }) => stage.placeOf(place)))
  const gone = before.paths.filter((path) => {
    const at = path.lastIndexOf(stage.placeOf('/'))
    return at >= 0 && !places.has(path.slice(at))
  })
  found.push(...gone.map((path) => `${path.split('/').at(-1)}: gone`))
  if (found.length === 0) return ['nothing changed since the last one']
  return [...found.slice(0, told), ...(found.length > told ? [`${found.length - told} more changed`] : [])]
}

const shortly = (drift: string[]) =>
  `${drift.slice(0, 3).join(', ')}${drift.length > 3 ? ` and ${drift.length - 3} more` : ''}`

/** Everything came back that runs now; how far what runs has gone from it is told, and is no fault of the backup. */
async function lookAt(
  parts: ConfigurationParts,
  stage: Stage,
  { paths, to }: Restored,
  context: EngineContext,
): Promise<ScratchFindings['invariants']> {
  const now = await piecesOf(parts, context).catch(asShipmateError)
  if (now instanceof Error) return [{ name: 'drift', holds: true, came: `not compared with what runs: ${now.message}` }]
  const drifted: string[] = []
  for (const { place, name, text } of now) {
    const stored = stagedIn(paths, stage.placeOf(place))
    const old = stored === null ? null : await readFile(to(stored), 'utf8').catch(() => null)
    if (old === null) drifted.push(`${name}: not in the backup`)
    else if (old !== text) drifted.push(`${name}: ${shortly(driftOf(old, text))}`)
  }
  const came = drifted.length === 0 ? 'none: what runs is what is stored' : drifted.slice(0, told).join('; ')
  return [{ name: 'drift', holds: true, came }]
}
