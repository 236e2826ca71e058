import { createHash } from 'node:crypto'
import { z } from 'zod'
import { failed } from '../../../errors.js'

/** A file as the server listed it while it sent it. */
export type ManifestFile = { path: string; bytes: number; sha256: string }

/** PostgreSQL's own list of a backup: `backup_manifest`. */
export type Manifest = {
  files: Map<string, ManifestFile>
  /** The WAL that the backup needs. */
  ranges: { timeline: number; from: string; until: string }[]
  systemId: string | null
}

const schema = z.object({
  'PostgreSQL-Backup-Manifest-Version': z.number().int().min(1).max(2),
  'System-Identifier': z.union([z.number(), z.string()]).optional(),
  Files: z.array(
    z.object({
      Path: z.string().optional(),
      'Encoded-Path': z.string().optional(),
      Size: z.number().int(),
      'Checksum-Algorithm': z.literal('SHA256'),
      Checksum: z.string(),
    }),
  ),
  'WAL-Ranges': z.array(z.object({ Timeline: z.number().int(), 'Start-LSN': z.string(), 'End-LSN': z.string() })),
  'Manifest-Checksum': z.string(),
})

/** Reads one; throws `backup-damaged` when it is not as the server wrote it. */
export function parseManifest(bytes: Buffer, name: string): Manifest {
  const found = schema.safeParse(json(bytes, name))
  if (!found.success) throw damaged(name, found.error.issues[0]?.message ?? 'not what a server writes')
  const { data } = found
  // The last line holds the digest of all lines before it.
  const before = bytes.subarray(0, bytes.lastIndexOf('\n', bytes.length - 2) + 1)
  const digest = createHash('sha256').update(before).digest('hex')
  if (digest !== data['Manifest-Checksum']) throw damaged(name, 'its digest is another')
  const files = data.Files.map((file) => ({
    path: file.Path ?? Buffer.from(file['Encoded-Path'] ?? '', 'hex').toString('utf8'),
    bytes: file.Size,
    sha256: file.Checksum,
  }))
  return {
    files: new Map(files.map((file) => [file.path, file])),
    ranges: data['WAL-Ranges'].map((range) => ({
      timeline: range.Timeline,
      from: range['Start-LSN'],
      until: range['End-LSN'],
    })),
    // JSON numbers lose its last digits, so it is read from the text.
    systemId: /"System-Identifier":\s*"?(\d+)/.exec(bytes.toString('latin1', 0, 400))?.[1] ?? null,
  }
}

function json(bytes: Buffer, name: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    throw damaged(name, 'it is no JSON')
  }
}

const damaged = (name: string, how: string) =>
  failed('backup-file-damaged', `${name}, the list of the backup’s files, is damaged: ${how}`, {
    came: how,
    next: 'Restore from another backup.',
  })
