import type { Defect } from '../../../backups/backup.js'

/** What `verify --output=text --verbose` says; it has no JSON. */
export type Report = {
  backups: Map<string, { status: string; files: number; sound: number }>
  problems: Defect[]
  /** Segments that it read and that are not sound. */
  unsoundSegments: number
}

/** Null where it holds no report at all. */
export function reportIn(output: string): Report | null {
  if (!/^\s*(?:P00\s+INFO: )?stanza: /m.test(output)) return null
  const backups: Report['backups'] = new Map()
  for (const [, label = '', status = '', files, sound] of output.matchAll(
    /^\s*backup: (\S+), status: ([\w -]+?), total files checked: (\d+), total valid files: (\d+)/gm,
  ))
    backups.set(label, { status, files: Number(files), sound: Number(sound) })
  const problems = new Map<string, Defect>()
  // "P01   INFO: invalid checksum '20261126-192341F/pg_data/base/1/2602.zst'", and for what cannot even be unpacked
  // "P01   INFO: invalid result 15-1/…/000000010000000000000001-3583….gz: [29] raised from local-1 protocol: …".
  const named = /^P\d+\s+(?:INFO|WARN|ERROR): (?:\[\d+\]: )?(?:([^'\n]+) '([^'\n]+)'|invalid result ([^:\n]+): (.+))/gm
  for (const [, said, quoted, path, why] of output.matchAll(named)) {
    const [where, what] = [quoted ?? path ?? '', (said ?? why ?? '').trim()]
    problems.set(`${where} ${what}`, { where, what })
  }
  let unsoundSegments = 0
  for (const [, read, sound] of output.matchAll(/^\s*archiveId: .*total WAL checked: (\d+), total valid WAL: (\d+)/gm))
    unsoundSegments = Math.max(unsoundSegments, Number(read) - Number(sound))
  return { backups, problems: [...problems.values()], unsoundSegments }
}
