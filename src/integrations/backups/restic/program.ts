import { z } from 'zod'
import type { EngineContext } from '../../../backups/engine.js'
import { failed, type ShipmateError } from '../../../errors.js'
import type { Restic } from '../../../releases/backups/files-policy.js'
import { isFull, storageFull } from '../problems.js'
import { type ProgramEnd, runProgram } from '../programs.js'

export type ResticParts = {
  set: string
  settings: Pick<Restic, 'program' | 'repository' | 'password'>
  secret(reference: string): Promise<string>
  /** Of this machine and this set alone: caches, and what is brought here to be stored. */
  work: string
}

type Call = {
  words: string[]
  signal: AbortSignal
  onLine?(line: string): void
  onBytes?(part: Buffer): void
  /** Beside 0: ends of which the caller looks what is so. */
  well?(ended: ProgramEnd): boolean
  keepLines?: number
}

export type Program = {
  /** What failed comes in our words. `doing` completes "restic could not …". */
  run(doing: string, call: Call): Promise<ProgramEnd>
  /** The id of the repository; null when there is none yet. */
  repository(signal: AbortSignal): Promise<string | null>
  where: string
}

const configShape = z.object({ id: z.string(), version: z.number() })

/** Everything of `restic` is asked through here: where the repository is and its password never stand among its words. */
export function createProgram({ set, settings, secret, work }: ResticParts): Program {
  const { program, repository, password } = settings
  const s3 = repository.kind === 's3' ? repository : null
  const where = s3 ? `the bucket ${s3.bucket}` : repository.kind === 'path' ? repository.path : ''
  const environment = async () => ({
    RESTIC_REPOSITORY: s3 ? addressOf(s3) : where,
    RESTIC_PASSWORD: await secret(password),
    RESTIC_PROGRESS_FPS: '4',
    HOME: work,
    ...(s3 && {
      AWS_ACCESS_KEY_ID: await secret(s3.accessKey),
      AWS_SECRET_ACCESS_KEY: await secret(s3.secretKey),
      AWS_DEFAULT_REGION: s3.region,
    }),
  })
  const ask = async ({ words, well: _, ...call }: Call) => {
    const lookup = s3 ? ['-o', `s3.bucket-lookup=${s3.pathStyle ? 'path' : 'dns'}`] : []
    return runProgram({
      program,
      words: ['--cache-dir', `${work}/cache`, ...lookup, ...words],
      environment: await environment(),
      ...call,
    })
  }
  return {
    where,
    async run(doing, call) {
      const ended = await ask(call)
      if (ended.code === 0 || call.well?.(ended)) return ended
      throw problemOf(set, where, doing, ended)
    },
    async repository(signal) {
      const ended = await ask({ words: ['--no-lock', 'cat', 'config'], signal })
      if (ended.code === 0) return configShape.parse(JSON.parse(ended.output)).id
      if (isAbsent(ended.complaints)) return null
      throw problemOf(set, where, 'open its repository', ended)
    },
  }
}

const addressOf = ({ endpoint, region, bucket, prefix }: Extract<Restic['repository'], { kind: 's3' }>) =>
  `s3:${(endpoint ?? `https://s3.${region}.amazonaws.com`).replace(/\/+$/, '')}/${bucket}/${prefix}`

const isAbsent = (said: string) =>
  /Is there a repository at the following location/.test(said) &&
  /no such file|does not exist|NoSuchKey|not found/i.test(said)

/** Without its words that it tries once more, which it says ten times in three quarters of a minute. */
export const toldIn = (said: string): string[] =>
  said.split('\n').filter((line) => line.trim() !== '' && !line.includes('returned error, retrying after'))

function problemOf(set: string, where: string, doing: string, { code, output, complaints }: ProgramEnd): ShipmateError {
  const lines = toldIn(`${complaints}\n${output}`)
  const fatal = lines.filter((line) => /^Fatal|rror/.test(line))
  const came = (fatal.length > 0 ? fatal : lines).slice(-5).join('\n').slice(0, 1_500) || `it ended with ${code}`
  if (isFull(came)) return storageFull(where, came)
  if (/wrong password or no key found/.test(came))
    return failed('restic-password', `The password of ${set} does not open its repository.`, {
      wanted: `the password that ${where} was made with`,
      came: 'another one',
      next: 'Set the secret that engine.restic.password names to it. Without it nothing can be restored.',
    })
  if (/already locked/.test(came))
    return failed('backup-busy', `something else works with the repository of ${set}`, {
      ...{ came, transient: true },
      next: 'Wait until it has ended. A lock that nobody holds any more goes with: restic unlock',
    })
  if (/Is there a repository/.test(complaints)) return repositoryGone(set, where, null)
  return failed('backup-tool-failed', `restic could not ${doing}`, {
    came,
    transient: /timeout|connection (refused|reset)|no such host|SlowDown|50[0-9] /i.test(came),
    details: { code },
    next: 'restic’s own words say what is wrong.',
  })
}

/** One that was there and is not: a disk that is not mounted looks like this, and a fresh one would show green. */
export const repositoryGone = (set: string, where: string, marker: string | null) =>
  failed('restic-repository-gone', `The repository of ${set} is not in ${where} any more.`, {
    wanted: 'the repository that backups went to before',
    came: 'none, or another one',
    next: `Look whether the disk is mounted and the path is right.${marker ? ` If a new one is meant, remove ${marker}.` : ''}`,
  })

const snapshotShape = z.object({
  id: z.string(),
  short_id: z.string(),
  time: z.string().transform((text) => new Date(text)),
  paths: z.array(z.string()).default([]),
  tags: z.array(z.string()).default([]),
})
export type Snapshot = z.output<typeof snapshotShape>

/** All of this set, oldest first. */
export async function snapshotsOf(program: Program, set: string, { signal }: Pick<EngineContext, 'signal'>) {
  const { output } = await program.run('list its snapshots', {
    words: ['--json', '--no-lock', 'snapshots', '--tag', `set:${set}`],
    signal,
  })
  const found = z
    .array(snapshotShape)
    .nullable()
    .parse(JSON.parse(output || '[]'))
  return (found ?? []).sort((a, b) => a.time.getTime() - b.time.getTime())
}

const nodeShape = z.object({ path: z.string(), type: z.string(), size: z.number().default(0), mtime: z.string() })

/** What a snapshot says of its files: sizes and times by path. */
export async function nodesOf(program: Program, id: string, signal: AbortSignal) {
  const nodes = new Map<string, { bytes: number; mtimeMs: number }>()
  await program.run(`list the files of ${id}`, {
    words: ['--json', '--no-lock', 'ls', id],
    signal,
    keepLines: 1,
    onLine(line) {
      if (!line.includes('"struct_type":"node"')) return
      const { path, type, size, mtime } = nodeShape.parse(JSON.parse(line))
      if (type === 'file') nodes.set(path, { bytes: size, mtimeMs: Date.parse(mtime) })
    },
  })
  return nodes
}

/** One file of a snapshot as it was. */
export async function fileOf(program: Program, id: string, path: string, signal: AbortSignal): Promise<Buffer> {
  const parts: Buffer[] = []
  await program.run(`read ${path} of ${id}`, {
    words: ['--no-lock', 'dump', id, path],
    signal,
    onBytes: (part) => void parts.push(part),
  })
  return Buffer.concat(parts)
}
