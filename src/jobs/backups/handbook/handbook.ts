import { recoveryTime } from '../../../backups/known.js'
import { newestProven } from '../../../backups/proof.js'
import { latestMoment } from '../../../backups/window.js'
import { inline, listed, table } from '../../../incidents/review/markdown.js'
import { shownDuration } from '../../../releases/durations.js'
import type { Chapter } from './chapter.js'
import { gapsOf } from './gaps.js'
import { agoWords, momentWords, windowOf } from './words.js'
import { writeChapter } from './write-chapter.js'

export type HandbookScene = {
  chapters: Chapter[]
  /** What no chapter is about and should be, in sentences. */
  absent: string[]
  zone: string
  now: Date
}

/** The handbook as Markdown, and what is missing as sentences. Pure: the same rows and moment give the same page. */
export function writeHandbook({ chapters, absent, zone, now }: HandbookScene): { markdown: string; gaps: string[] } {
  const gaps = [...chapters.flatMap(gapsOf), ...absent]
  const [only, more] = chapters
  const title = only && !more ? `# Backup handbook of ${only.policy.database}` : '# Backup handbook'
  const parts = [
    title,
    `Written by Shipmate on ${momentWords(now, zone)} (${zone}) from the operator’s file and from what is really there; \`/backup handbook\` writes it anew. Times are of ${zone}. No secret stands here, only where each one lives.`,
    '**Keep a copy where neither Shipmate nor its backups are.** It is needed most when they are gone.',
    '## What is missing',
    listed(
      gaps.map((gap) => inline(gap, 600)),
      'Nothing that Shipmate can see.',
    ),
    '## At a glance',
    table(
      ['what', 'comes back to', 'proven', 'RPO', 'RTO'],
      chapters.map((chapter) => glance(chapter, zone, now)),
    ),
    ...chapters.map((chapter) => writeChapter(chapter, zone, now)),
  ]
  return { markdown: `${parts.join('\n\n')}\n`, gaps }
}

function glance({ policy, status }: Chapter, zone: string, now: Date): string[] {
  const latest = latestMoment(windowOf(status))
  const proven = newestProven(status.backups)
  const drill = [...status.drills].sort((a, b) => b.at.getTime() - a.at.getTime()).find(({ passed }) => passed)
  return [
    policy.database,
    latest ? `${momentWords(latest, zone)} (${agoWords(latest, now)})` : '**no backup yet**',
    proven ? agoWords(proven.endedAt, now) : '**no**',
    drill ? shownDuration(drill.lossMs) : '**never drilled**',
    drill ? shownDuration(recoveryTime(drill)) : '**never drilled**',
  ]
}
