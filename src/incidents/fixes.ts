import type { Deployment, Release } from '../releases/release.js'
import { isOlder } from '../releases/versions.js'
import type { Actor } from '../runs/run.js'
import type { AlertRecord } from './alert.js'
import { changed, type Deciding, type Decision, denied } from './deciding.js'
import { type Fix, type FixRef, isDrill, type Task } from './incident.js'

/** An error counts as ended when the release that brings its fix has served for so long without it; milliseconds. */
export const watchedFor = 86_400_000

/** What the release before still had in hand may show for so long; milliseconds. */
const settlesWithin = 600_000

/**
 * A version such as `v1.8.2`, a change such as `#412` or the address of its pull request, or a commit of at least seven
 * digits; null for any other word. `link` is the address, where one was given.
 */
export function fixNamed(word: string): { ref: FixRef; link: string | null } | null {
  const address = /^<?(https?:\/\/[^|>\s]+\/(?:pull|pulls|merge_requests)\/(\d{1,9})[^|>\s]*)(?:\|[^>]*)?>?$/i.exec(
    word,
  )
  if (address?.[1] && address[2]) return { ref: { kind: 'change', value: address[2] }, link: address[1] }
  const change = /^#(\d{1,9})$/.exec(word)?.[1]
  if (change) return { ref: { kind: 'change', value: change }, link: null }
  if (/^v?\d+(\.\d+)+[-+.\w]{0,40}$/i.test(word)) return { ref: { kind: 'version', value: word }, link: null }
  if (/^[0-9a-f]{7,40}$/i.test(word)) return { ref: { kind: 'commit', value: word.toLowerCase() }, link: null }
  return null
}

/** As people say it: "v1.8.2", "change #412", "commit 3f1c2ab". */
export function fixWords({ kind, value }: FixRef): string {
  if (kind === 'change') return `change #${value}`
  return kind === 'commit' ? `commit ${value.slice(0, 7)}` : value
}

/** Whoever knows what ends the error says so; from then on its release is looked for, and watched when it serves. */
export function addFix(
  { view, by, now }: Deciding,
  named: ReturnType<typeof fixNamed>,
  owner: Actor,
  key: string,
): Decision {
  const { service, environment } = view.incident
  if (!named)
    return denied(
      'fix-unclear',
      'No fix was noted.',
      'A fix is a version (v1.8.2), a change (#412, or the address of its pull request) or a commit.',
      'For example: /incident fix v1.8.2',
    )
  if (isDrill(view.incident))
    return denied('fix-of-drill', 'No fix was noted.', 'Nothing is broken in a drill.', 'Finish the drill.')
  const { state, duplicateOf } = view.incident
  if (state === 'duplicate' && duplicateOf !== null)
    return denied(
      'fix-of-duplicate',
      'No fix was noted.',
      `INC-${view.incident.id} is a duplicate of INC-${duplicateOf}, and only that one is followed.`,
      `Name it there: /incident fix ${duplicateOf} ${named.ref.kind === 'change' ? '#' : ''}${named.ref.value}`,
    )
  if (service === null || environment === null)
    return denied(
      'fix-nowhere',
      'No fix was noted.',
      `INC-${view.incident.id} does not say which service is broken where, so no release can be looked for.`,
      'Write it down as a follow-up: /incident follow-up …',
    )
  const words = fixWords(named.ref)
  const fix: Fix = { ref: named.ref, version: null, liveAt: null, back: null }
  const { link } = named
  return changed(`Noted: ${words} is to end it. When it serves ${environment}, it is watched for a day.`, {
    set: { wakeAt: now },
    tasks: { add: [{ kind: 'fix', text: words, owner, createdAt: now, link, fix }] },
    timeline: [{ key, kind: 'task', at: now, by, text: `Fix: ${words}`, ...(link && { data: { link } }) }],
    audit: [{ actor: by, act: 'named a fix', subject: { ref: words } }],
  })
}

export type Around = {
  /** Newest first, both. */
  releases: Release[]
  history: Deployment[]
  /** Of the incident's own kind, whenever they fired. */
  alerts: (Pick<AlertRecord, 'title' | 'startedAt' | 'endedAt'> & Partial<Pick<AlertRecord, 'lastAt'>>)[]
  /** When it broke: what served by then has ended nothing yet. */
  since?: Date
}

/** What is true of a fix now. `ended`: its release has served for a day, and what it is to end was not seen. */
export function fixNow(fix: Fix, around: Around, now: Date): Fix & { ended: boolean } {
  // Once it is known to have failed, it is for people to name another.
  if (fix.back) return { ...fix, ended: false }
  const { releases, alerts } = around
  const gone = releases.findIndex((release) => takesBack(release, fix.ref))
  const bringing = (some: Release[]) => some.findLast((release) => brings(release, fix.ref))
  // Brought once more after it was taken back, it is what came last that counts.
  const first = bringing(releases.slice(0, Math.max(0, gone))) ?? bringing(releases)
  const liveAt = first ? liveSince(first, releases[gone] ?? null, around) : null
  const known = { ...fix, version: first?.version ?? null, liveAt }
  if (!liveAt) return { ...known, ended: false }
  const over = now.getTime() - liveAt.getTime() >= watchedFor
  // Of an issue that nobody closes only its last sight tells that it is seen again.
  const isSeen = ({ endedAt, lastAt }: Around['alerts'][number]) =>
    endedAt === null && lastAt !== undefined && lastAt.getTime() - liveAt.getTime() > settlesWithin
  const again = [...alerts]
    .sort((a, b) => a.startedAt.getTime() - b.startedAt.getTime())
    .find((alert) => alert.startedAt > liveAt || isSeen(alert) || (over && alert.endedAt === null))
  if (!again) return { ...known, ended: over }
  const at = again.startedAt > liveAt ? again.startedAt : isSeen(again) ? (again.lastAt ?? now) : now
  return { ...known, back: { at, alert: again.title }, ended: false }
}

/** A squashed change carries its number in its subject. */
function brings({ version, commit, changes }: Release, { kind, value }: FixRef): boolean {
  const bare = (text: string) => text.toLowerCase().replace(/^v/, '')
  if (kind === 'version') return bare(version) === bare(value)
  if (kind === 'commit')
    return commit.startsWith(value) || changes.some(({ sha }) => sha.startsWith(value) || value.startsWith(sha))
  return changes.some(({ subject }) => isNumbered(subject, value) && !isRevert(subject))
}

const isNumbered = (subject: string, number: string) => new RegExp(`#${number}(?!\\d)`).test(subject)

/** As git and the code hosts word it. */
const isRevert = (subject: string) => /^revert\b/i.test(subject)

const takesBack = ({ changes }: Release, { kind, value }: FixRef): boolean =>
  kind === 'change' && changes.some(({ subject }) => isNumbered(subject, value) && isRevert(subject))

/**
 * Since when releases that bring it serve without a break, at the earliest since it broke; null when one serves that does not
 * bring it, being older than the first or no older than the one that takes it back.
 */
function liveSince(first: Release, gone: Release | null, { releases, history, since }: Around): Date | null {
  const undone = gone && !isOlder(releases, gone.version, first.version) ? gone.version : null
  const has = (version: string) =>
    releases.some((release) => release.version === version) &&
    !isOlder(releases, version, first.version) &&
    (undone === null || isOlder(releases, version, undone))
  const broken = history.findIndex(({ version }) => !has(version))
  const serving = broken < 0 ? history : history.slice(0, broken)
  const begun = serving.findLast(({ at }) => since === undefined || at >= since)
  return begun?.at ?? (serving.length > 0 && since ? since : null)
}

/** How far it is, in words: "change #412 (v1.8.2) is live and watched for a day". */
export function fixStanding({ text, fix, doneAt }: Pick<Task, 'text' | 'doneAt'> & { fix: Fix }): string {
  const what = fix.version && fix.version !== text ? `${text} (${fix.version})` : text
  if (fix.back) return `${what} did not end it: it came back (${fix.back.alert})`
  const isProven = doneAt && fix.liveAt && doneAt.getTime() - fix.liveAt.getTime() >= watchedFor
  if (doneAt) return isProven ? `${what} ended it` : `${what} was ticked off by hand`
  if (fix.liveAt) return `${what} is live and watched for a day`
  return fix.version ? `${what} is built and not live yet` : `${what} is in no release yet`
}

export const openFixes = (tasks: readonly Task[]): (Task & { fix: Fix })[] =>
  tasks.flatMap((task) => (task.kind === 'fix' && task.fix && task.doneAt === null ? [{ ...task, fix: task.fix }] : []))
