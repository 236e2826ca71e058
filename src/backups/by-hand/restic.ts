import type { Bucket, Restic, SetSource } from '../../releases/backups/files-policy.js'
import { type ByHand, type HandScene, newestOf } from './hand.js'
import { command, oneLine, secretInto, secretPlace, word } from './shell.js'

/** restic's own commands. */
export function byRestic(engine: Restic, { backups, into }: HandScene): ByHand {
  const { repository, password, source } = engine
  const label = newestOf(backups)?.label ?? 'latest'
  const s3 = repository.kind === 's3' ? repository : null
  const tool = s3 ? [engine.program, '-o', `s3.bucket-lookup=${s3.pathStyle ? 'path' : 'dns'}`] : [engine.program]
  return {
    before: [
      `The password of the repository is ${secretPlace(password)}. Without it nothing can be restored by anybody.`,
    ],
    steps: [
      {
        what: 'Say where the repository is. The password is asked for, or read from its file.',
        as: 'root',
        lines: [
          `export RESTIC_REPOSITORY=${word(s3 ? addressOf(s3) : repository.kind === 'path' ? repository.path : '')}`,
          passwordLine(password),
          ...(s3 ? keysOf(s3) : []),
        ],
      },
      { what: 'See what is there, in the same shell.', as: 'root', lines: [command(...tool, 'snapshots')] },
      {
        what: 'Restore the newest one into a folder of its own.',
        as: 'root',
        lines: [command('mkdir', '-p', into), command(...tool, 'restore', label, '--target', into)],
      },
    ],
    after: [...placesOf(source, into), 'A lock that a machine left which died goes with `restic unlock`.'],
  }
}

const passwordLine = (reference: string) =>
  reference.startsWith('file:')
    ? `export RESTIC_PASSWORD_FILE=${word(reference.slice('file:'.length))}`
    : secretInto('RESTIC_PASSWORD', reference)

const keysOf = ({ accessKey, secretKey, region }: Bucket) => [
  secretInto('AWS_ACCESS_KEY_ID', accessKey),
  secretInto('AWS_SECRET_ACCESS_KEY', secretKey),
  `export AWS_DEFAULT_REGION=${word(region)}`,
]

const addressOf = ({ endpoint, region, bucket, prefix }: Bucket) =>
  `s3:${(endpoint ?? `https://s3.${region}.amazonaws.com`).replace(/\/+$/, '')}/${bucket}/${prefix}`

/** Where the files lie then, and how they get to their place. */
function placesOf(source: SetSource, into: string): string[] {
  switch (source.kind) {
    case 'folders':
      return source.folders.map(
        (folder) => `Back to their place: \`${oneLine('cp', '-a', `${into}${folder}/.`, `${folder}/`)}\``,
      )
    case 'git':
      return source.repositories.map(
        ({ name, url }) =>
          `The mirror of ${name} is the folder ${name}.git below ${into} (\`find ${word(into)} -name ${word(`${name}.git`)}\`). \`git clone\` works on it; \`git push --mirror ${word(withoutUser(url))}\` in it brings it back to an empty origin.`,
      )
    case 'bucket':
      return [
        `Objects lie below ${into} by their names; names that no file can have are written with % and hexadecimal digits.`,
      ]
    case 'certificates':
    case 'configuration':
      return [
        `Each file lies below a folder named staged, under the path that it had: \`find ${word(into)} -path '*/staged/*' -type f\`. Keys belong to root, mode 600.`,
      ]
  }
}

/** An address may carry a name and a password. */
const withoutUser = (url: string) => url.replace(/^(https?:\/\/)[^/@]*@/, '$1')
