import type { Deployment, Migration, Release } from './release.js'

// Lists of releases come newest first from their source, and that order alone says what is older: build times do not.

/** A version that served before, and why it cannot come back, when it cannot. */
export type Return = {
  version: string
  /** When it last began to serve, and by which run. */
  at: Date
  run: number | null
  release: Release | null
  /** Null: it can be rolled back to. */
  whyNot: string | null
}

/**
 * The versions that served an environment before the one that serves now, newest first, each with whether it can come
 * back. `history` newest first; `serving` is what the target says, not what our rows say.
 */
export function returns(history: Deployment[], releases: Release[], serving: string | null): Return[] {
  const seen = new Set<string | null>([serving])
  const before = history.filter(({ version }) => !seen.has(version) && seen.add(version))
  const applied = migrationsApplied(history, releases)
  return before
    .map(({ version, at, run }) => {
      const release = releases.find((one) => one.version === version) ?? null
      return { version, at, run, release, whyNot: whyNot(release, releases, serving, applied) }
    })
    .sort((a, b) => rank(releases, a.version) - rank(releases, b.version))
}

/** What "the version before" means: the newest that can come back. */
export function versionBefore(choices: Return[]): Return | null {
  return choices.find(({ whyNot }) => whyNot === null) ?? null
}

/**
 * The newest release that is no candidate (`v2.0.0-rc.1`: those are deployed by name only), unless it or a newer one
 * serves already; null when there is nothing to bring.
 */
export function newestToDeploy(releases: Release[], serving: string | null): Release | null {
  const newest = releases.find(({ version }) => !isCandidate(version)) ?? releases[0]
  if (newest === undefined || newest.version === serving) return null
  return isOlder(releases, newest.version, serving) ? null : newest
}

/** A pre-release in the sense of semantic versioning: whoever wants one says so. */
export const isCandidate = (version: string): boolean => /^v?\d+\.\d+\.\d+-/.test(version)

/** Whether a release comes before the one that serves; false when the list does not hold both. */
export function isOlder(releases: Release[], version: string, serving: string | null): boolean {
  const [at, now] = [rank(releases, version), rank(releases, serving)]
  return Number.isFinite(at) && Number.isFinite(now) && at > now
}

/** Releases after the one that serves, up to and with the wanted one, newest first: what a deploy really brings. */
export function brought(releases: Release[], serving: string | null, wanted: Release): Release[] {
  const [at, now] = [rank(releases, wanted.version), rank(releases, serving)]
  return Number.isFinite(now) && at < now ? releases.slice(at, now) : [wanted]
}

/** Migrations that were applied after a version and stay when it comes back, oldest first. */
export function migrationsSince(history: Deployment[], releases: Release[], version: string): Migration[] {
  const at = rank(releases, version)
  return migrationsApplied(history, releases)
    .filter(({ release }) => rank(releases, release) < at)
    .map(({ migration }) => migration)
    .reverse()
}

function whyNot(release: Release | null, releases: Release[], serving: string | null, applied: Applied[]) {
  if (release === null) return 'its artifact is gone'
  if (isOlder(releases, serving ?? '', release.version))
    return 'it is newer than the one that serves: deploy it instead'
  const at = rank(releases, release.version)
  const unsafe = applied.find((one) => rank(releases, one.release) < at && !one.migration.safe)
  return unsafe ? `it cannot run on the schema after migration ${unsafe.migration.name} (${unsafe.release})` : null
}

type Applied = { release: string; migration: Migration }

// Migrations stay when a version is rolled back, so the newest version that ever served counts, not the one that does.
function migrationsApplied(history: Deployment[], releases: Release[]): Applied[] {
  const newest = releases.findIndex(({ version }) => history.some((deployment) => deployment.version === version))
  if (newest < 0) return []
  return releases
    .slice(newest)
    .flatMap(({ version, migrations }) => migrations.map((migration) => ({ release: version, migration })))
}

/** Smaller is newer; infinite for what the source does not list. */
function rank(releases: Release[], version: string | null): number {
  const at = releases.findIndex((release) => release.version === version)
  return at < 0 ? Number.POSITIVE_INFINITY : at
}
