import { inline, listed } from '../../incidents/review/markdown.js'
import type { Release } from '../../releases/release.js'

/** So many changes stand in the notes; GitHub's page of the comparison has all. */
const most = 200

/** What a release brings, in Markdown: its commits and migrations, and what of it is not safe to go back over. */
export function releaseNotes({ changes, migrations }: Pick<Release, 'changes' | 'migrations'>): string {
  const commits = changes
    .slice(0, most)
    .map(({ sha, author, subject }) => `${inline(subject, 200)} (${inline(sha.slice(0, 12))}, ${inline(author, 60)})`)
  const more = changes.length - commits.length
  const parts = [
    '## Changes',
    listed([...commits, ...(more > 0 ? [`and ${more} more`] : [])], 'No commits are known.'),
    ...(migrations.length === 0
      ? []
      : [
          '## Migrations',
          listed(
            migrations.map(({ name, what, safe }) => {
              return `${inline(name, 80)}: ${inline(what, 200)}${safe ? '' : ' (the version before cannot run on it)'}`
            }),
            '',
          ),
        ]),
  ]
  return parts.join('\n\n')
}
