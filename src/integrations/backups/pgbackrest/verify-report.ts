import type { Defect } from '../../../backups/backup.js'

/** What `verify --output=text --verbose` says; it has no JSON. */
export type Report = {
  backups: Map<string, { status: string; files: number; sound: number }>
  problems: Defect[]
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
  // "P01   INFO: invalid checksum '20261126-192341F/pg_data/base/1/2602.zst'"
  for (const [, what = '', where = ''] of output.matchAll(
    /^P\d+\s+(?:INFO|WARN|ERROR): (?:\[\d+\]: )?([^'\n]+) '([^'\n]+)'/gm,
  ))
    problems.set(`${where} ${what}`, { where, what: what.trim() })
  return { backups, problems: [...problems.values()] }
}
