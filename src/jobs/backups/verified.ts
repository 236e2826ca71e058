import type { Backup, Verification } from '../../backups/backup.js'

/** A backup with all that it needs, itself first; none when the storage does not list it. */
export function chainOf(backups: Pick<Backup, 'label' | 'parent'>[], label: string): string[] {
  const chain: string[] = []
  for (let next: string | null = label; next !== null && !chain.includes(next); ) {
    const wanted: string = next
    const found = backups.find((one) => one.label === wanted)
    if (!found) return chain.length === 0 ? [] : [...chain, wanted]
    chain.push(wanted)
    next = found.parent
  }
  return chain
}

/** What was found wrong, one sentence each. Nothing read is wrong too: a backup has files. */
export function defectWords({ files, defects }: Verification): string[] {
  const words = defects.slice(0, 50).map(({ where, what }) => `${where}: ${what}`)
  return files === 0 && words.length === 0 ? ['there was nothing to read'] : words
}
