import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineContext, ScratchFindings } from '../../../../backups/engine.js'
import { failed } from '../../../../errors.js'
import { masked } from '../../../../log.js'
import type { DocumentSettings, MirroredRepository } from '../../../../releases/backups/files-policy.js'
import { canRun, type ProgramEnd } from '../../programs.js'
import { documentNotes } from '../documents/documents.js'
import type { Before, Source } from '../source.js'
import { git, said, saidFirst } from './git-program.js'

type GitParts = {
  program: string
  repositories: MirroredRepository[]
  documents: DocumentSettings
  secret(reference: string): Promise<string>
  work: string
}

/** What every reference of a repository points to: "refs/tags/v1.8.0" → its object. */
type References = Map<string, string>

/** Mirrors of repositories with every branch and tag, whole by `git fsck`, as their origin has them. */
export function createGitSource(parts: GitParts): Source {
  const { repositories, documents, program, work } = parts
  const folder = join(work, 'git')
  const mirrorOf = ({ name }: Pick<MirroredRepository, 'name'>) => join(folder, `${name}.git`)
  const listOf = ({ name }: Pick<MirroredRepository, 'name'>) => join(folder, `${name}.refs`)
  return {
    name: repositories.length === 1 ? `the repository ${repositories[0]?.name}` : `${repositories.length} repositories`,
    whole: true,
    async ready({ signal }) {
      if (!canRun(program)) throw noGit(program)
      for (const one of repositories) await offered(parts, one, signal)
    },
    async gather(before, context) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const notes: string[] = []
      for (const one of repositories) {
        context.progress({ done: 0, total: 0, text: `mirroring ${one.name}` })
        await mirrored(parts, one, mirrorOf(one), context)
        await whole(parts, one, mirrorOf(one), context.signal)
        const held = await sameAsOrigin(parts, one, mirrorOf(one), context.signal)
        notes.push(...(await movedTags(before, one, held)))
        const mirror = { program, name: one.name, mirror: mirrorOf(one), settings: documents }
        notes.push(...(await documentNotes(mirror, context)))
        await writeFile(listOf(one), linesOf(held), { mode: 0o600 })
      }
      return { roots: repositories.flatMap((one) => [mirrorOf(one), listOf(one)]), faults: [], notes }
    },
    async look({ to, paths }, context) {
      const holds: ScratchFindings['invariants'] = []
      for (const one of repositories) {
        const list = paths.find((path) => path.endsWith(listPlace(one.name)))
        if (list === undefined) holds.push({ name: one.name, holds: false, came: 'it is not in the backup' })
        else holds.push(await lookAtMirror(parts, one.name, to(list.replace(/\.refs$/, '.git')), to(list), context))
      }
      return holds
    },
    clear: async () => [],
  }
}

const listPlace = (name: string) => `/git/${name}.refs`

/** A mirror that came back: every object is there and whole, and every reference leads where it led. */
export async function lookAtMirror(
  parts: Pick<GitParts, 'program'>,
  name: string,
  mirror: string,
  list: string,
  { signal }: Pick<EngineContext, 'signal'>,
): Promise<ScratchFindings['invariants'][number]> {
  const broken = (came: string) => ({ name, holds: false, came })
  if (!existsSync(join(mirror, 'HEAD')) || !existsSync(list)) return broken('it did not come back')
  // Folders that git needs and that were empty came back with the backup; what is missing all the same is said by fsck.
  const checked = await git(parts, ['-C', mirror, 'fsck', '--full', '--no-dangling'], signal)
  if (checked.code !== 0) return broken(`git fsck: ${saidFirst(checked)}`)
  const [wanted, came] = [readList(await readFile(list, 'utf8')), await held(parts, mirror, signal)]
  const other = [...wanted].find(([reference, object]) => came.get(reference) !== object)
  if (other) return broken(`${other[0]} does not point to ${other[1].slice(0, 12)} any more`)
  const tags = [...wanted.keys()].filter((one) => one.startsWith('refs/tags/')).length
  return {
    name,
    holds: wanted.size > 0,
    came: `whole by git fsck, ${tags} tags and ${wanted.size - tags} other references`,
  }
}

async function mirrored(parts: GitParts, one: MirroredRepository, mirror: string, { signal }: EngineContext) {
  const options = ['-c', 'gc.auto=0', '-c', 'maintenance.auto=false', '-c', 'fetch.unpackLimit=1']
  const words = existsSync(join(mirror, 'HEAD'))
    ? ['-C', mirror, ...options, 'fetch', '--quiet', '--prune', '--force', one.url, '+refs/*:refs/*']
    : [...options, 'clone', '--quiet', '--mirror', one.url, mirror]
  const ended = await git(parts, words, signal, one)
  if (ended.code === 0) return
  // Half a clone would be taken for a mirror.
  if (words.includes('clone')) await rm(mirror, { recursive: true, force: true })
  throw unanswered(one, ended)
}

async function whole(parts: GitParts, one: MirroredRepository, mirror: string, signal: AbortSignal): Promise<void> {
  // From time to time its packs are joined, or there would be one for each night.
  await git(parts, ['-C', mirror, '-c', 'gc.autoDetach=false', 'gc', '--auto', '--quiet'], signal)
  const ended = await git(parts, ['-C', mirror, 'fsck', '--full', '--no-dangling'], signal)
  if (ended.code === 0) return
  throw failed('git-mirror-broken', `The mirror of ${one.name} is not whole: ${saidFirst(ended)}`, {
    wanted: 'every object that its history needs',
    came: said(ended),
    next: `Nothing of it was stored. Remove ${mirror}: the next backup clones it anew; if that breaks too, it is the origin.`,
  })
}

/** Every branch and tag of the origin, at the object where the origin has it. */
async function sameAsOrigin(parts: GitParts, one: MirroredRepository, mirror: string, signal: AbortSignal) {
  const [theirs, ours] = [await offered(parts, one, signal), await held(parts, mirror, signal)]
  const other = [...theirs].find(([reference, object]) => reference !== 'HEAD' && ours.get(reference) !== object)
  if (!other && ours.size > 0) return ours
  throw failed('git-mirror-behind', `The mirror of ${one.name} is not what its origin has.`, {
    wanted: other ? `${other[0]} at ${other[1].slice(0, 12)}` : 'at least one branch',
    came: other ? (ours.get(other[0])?.slice(0, 12) ?? 'none') : 'none',
    transient: true,
    next: 'Somebody may have pushed meanwhile: it is tried again.',
  })
}

async function offered(parts: GitParts, one: MirroredRepository, signal: AbortSignal): Promise<References> {
  const ended = await git(parts, ['ls-remote', '--quiet', one.url], signal, one)
  if (ended.code !== 0) throw unanswered(one, ended)
  const lines = ended.output.split('\n').flatMap((line): [string, string][] => {
    const [object, reference] = line.split('\t')
    // "^{}" is what a tag points to, and no reference of its own.
    return object && reference && !reference.endsWith('^{}') ? [[reference, object]] : []
  })
  return new Map(lines)
}

async function held(parts: Pick<GitParts, 'program'>, mirror: string, signal: AbortSignal): Promise<References> {
  const { output } = await git(parts, ['-C', mirror, 'for-each-ref', '--format=%(objectname) %(refname)'], signal)
  return readList(output)
}

const readList = (text: string): References =>
  new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf(' ')
      return at > 0 ? [[line.slice(at + 1), line.slice(0, at)]] : []
    }),
  )

const linesOf = (references: References) =>
  [...references].map(([reference, object]) => `${object} ${reference}\n`).join('')

/** A release is what its tag named; one that moves or goes is worth a word. */
async function movedTags(before: Before | null, { name }: MirroredRepository, now: References): Promise<string[]> {
  const list = before?.paths.find((path) => path.endsWith(listPlace(name)))
  const text = before && list !== undefined ? await before.read(list) : null
  if (text === null) return []
  return [...readList(text.toString('utf8'))].flatMap(([reference, object]) => {
    if (!reference.startsWith('refs/tags/') || now.get(reference) === object) return []
    const [tag, at] = [reference.slice('refs/tags/'.length), now.get(reference)]
    return [`tag ${tag} of ${name} ${at ? `moved from ${object.slice(0, 12)} to ${at.slice(0, 12)}` : 'is gone'}`]
  })
}

const unanswered = ({ name, url }: MirroredRepository, ended: ProgramEnd) =>
  failed('git-origin-unreachable', `${name} could not be fetched: ${saidFirst(ended)}`, {
    wanted: `a repository at ${masked(url)}`,
    came: said(ended),
    transient: /timed out|Could not resolve|Connection (refused|reset)|early EOF|50\d/i.test(said(ended)),
    next: 'Check the address and the token in the operator’s file, and what the token may read.',
  })

const noGit = (program: string) =>
  failed('backup-program-missing', `${program} could not be started`, {
    wanted: `a program at ${program}`,
    came: 'it is not there',
    next: 'Install it (apt-get install git), or set its path in the operator’s file.',
  })
