import { failed } from '../../../../errors.js'
import type { DocumentSettings } from '../../../../releases/backups/files-policy.js'
import { git, saidFirst } from '../sources/git-program.js'

/** A mirror of a repository, and what is wanted of its documents. */
export type Mirrored = { program: string; name: string; mirror: string; settings: DocumentSettings }

/** What git says of it, the whole output as text; throws `git-documents-unreadable`. */
export async function asked({ program, mirror }: Mirrored, words: string[], signal: AbortSignal): Promise<string> {
  const parts: Buffer[] = []
  const ended = await git({ program }, ['-C', mirror, ...words], signal, {}, (part) => void parts.push(part))
  if (ended.code === 0) return Buffer.concat(parts).toString('utf8')
  throw failed('git-documents-unreadable', saidFirst(ended), {
    came: ended.complaints,
    next: 'Look at the mirror: git fsck says whether it is whole, git symbolic-ref HEAD which branch it shows.',
  })
}
