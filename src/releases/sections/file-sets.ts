import { z } from 'zod'
import type { Bucket, Restic, SetSource } from '../backups/files-policy.js'
import { duration, list, matching, name, percent, secret, text, webAddress, whole, yes } from './values.js'

/** Sets of files that restic backs up: where they come from and where the repository is. */

const path = matching(/^(\/|\$\{).+/, 'an absolute path')

/** Exactly one of the keys has to be there. */
export const onlyOne = (wanted: string) => ({
  check: (given: object) => Object.values(given).filter((value) => value !== undefined).length === 1,
  error: { error: wanted },
})

export const bucketInFile = z.strictObject({
  bucket: text('the name of a bucket'),
  region: text('a region such as "eu-central-1"').default('us-east-1'),
  endpoint: webAddress.optional(),
  prefix: text('what the names of its objects begin with').default('backups'),
  accessKey: secret,
  secretKey: secret,
  /** Bucket in the path instead of the host's name, as most servers of one's own want it. */
  pathStyle: yes.optional(),
})

const places = onlyOne('either path or s3')
const repository = z
  .strictObject({ path: path.optional(), s3: bucketInFile.optional() })
  .refine(places.check, places.error)

const paths = (wanted: string) => list(path, wanted)
const some = <T>(items: T[]) => items.length > 0
const atLeastOne = (wanted: string) => ({ error: wanted })

const never = z.literal('never', { error: 'a duration such as "180d", or never' }).transform(() => null)
const documents = z
  .strictObject({
    links: yes.default(true),
    reviewed: z.union([duration, never], { error: 'a duration such as "180d", or never' }).default(180 * 86_400_000),
    runbooks: list(matching(/^[^/]+$/, 'the name of a folder'), 'a list of names of folders').default([
      ...['guides', 'runbooks', 'playbooks', 'operations'],
    ]),
    outside: list(matching(/^[a-z0-9.-]+(:\d+)?$/, 'a host such as "docs.example.com"'), 'a list of hosts').default([]),
  })
  .prefault({})

const source = {
  folders: paths('a list of folders').refine(some, atLeastOne('at least one folder')).optional(),
  bucket: bucketInFile.extend({ prefix: z.string().default('') }).optional(),
  git: z
    .strictObject({
      program: path.default('/usr/bin/git'),
      repositories: list(
        z.strictObject({
          name,
          url: matching(/^(https?:\/\/|ssh:\/\/|file:\/\/|\/|[\w.-]+@[\w.-]+:).+/, 'an address that git clones from'),
          token: secret.optional(),
        }),
        'a list of repositories',
      ).refine(some, atLeastOne('at least one repository')),
      documents,
    })
    .optional(),
  certificates: z
    .strictObject({
      pairs: list(z.strictObject({ certificate: path, key: path }), 'a list of certificates with their keys').refine(
        some,
        atLeastOne('at least one certificate with its key'),
      ),
      /** Beside them: account keys of ACME, authorities of one's own. */
      files: paths('a list of files').default([]),
    })
    .optional(),
  configuration: z
    .strictObject({
      files: paths('a list of files').default([]),
      answers: list(
        z.strictObject({ name, url: webAddress, token: secret.optional() }),
        'a list of addresses that answer JSON',
      ).default([]),
      n8n: z.strictObject({ url: webAddress, key: secret }).optional(),
    })
    .refine(({ files, answers, n8n }) => files.length + answers.length > 0 || n8n !== undefined, {
      error: 'files, answers or n8n',
    })
    .optional(),
}

const one = onlyOne('exactly one of folders, bucket, git, certificates, configuration')

export const resticInFile = z.strictObject({
  program: path.default('/usr/bin/restic'),
  repository,
  password: secret,
  source: z.strictObject(source, { error: one.error.error }).refine(one.check, one.error),
  sample: whole(1, 1_000).default(50),
  shrinks: percent.default(0.5),
})

export type ResticInFile = z.output<typeof resticInFile>

export function resticFrom({ repository, source, ...rest }: ResticInFile): Restic {
  const { path: at = '', s3 } = repository
  return {
    driver: 'restic',
    ...rest,
    repository: s3 ? { kind: 's3', ...bucketFrom(s3) } : { kind: 'path', path: at },
    source: sourceFrom(source),
  }
}

function sourceFrom({ folders, bucket, git, certificates, configuration }: ResticInFile['source']): SetSource {
  if (folders) return { kind: 'folders', folders }
  if (bucket) return { kind: 'bucket', from: bucketFrom(bucket) }
  if (git)
    return {
      kind: 'git',
      program: git.program,
      repositories: git.repositories.map(({ token = null, ...more }) => ({ ...more, token })),
      documents: { ...git.documents, runbooks: git.documents.runbooks.map((folder) => folder.toLowerCase()) },
    }
  if (certificates) return { kind: 'certificates', ...certificates }
  if (!configuration) throw new Error('the schema lets no set through without a source')
  const answers = configuration.answers.map(({ token = null, ...more }) => ({ ...more, token }))
  return { kind: 'configuration', files: configuration.files, answers, n8n: configuration.n8n ?? null }
}

const bucketFrom = ({ endpoint, pathStyle, ...more }: z.output<typeof bucketInFile>): Bucket => ({
  ...more,
  endpoint: endpoint ?? null,
  // Most servers of one's own know no bucket in their host's name.
  pathStyle: pathStyle ?? endpoint !== undefined,
})
