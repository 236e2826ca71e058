import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { artifactDigest } from '../../examples/storefront/artifact.js'
import { Refusal } from '../loopback-api.js'

const releaseSchema = z.object({ service: z.string(), version: z.string(), artifact: z.string() })

/** `digest` is of the files that are there; `ok` when it is what the release says of itself. */
export type Artifact = {
  service: string
  version: string
  artifact: string
  digest: string
  ok: boolean
  folder: string
}

export function listArtifacts(releases: string): Artifact[] {
  if (!existsSync(releases)) return []
  return readdirSync(releases, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(releases, entry.name, 'release.json')))
    .flatMap((entry) => readArtifact(join(releases, entry.name)) ?? [])
}

/** Throws a 404 when there is none, a 422 when its files are not the ones that were asked for. */
export function wantArtifact(releases: string, service: string, version: string, digest: string | undefined): Artifact {
  const found = listArtifacts(releases).find((item) => item.service === service && item.version === version)
  if (found === undefined)
    throw new Refusal(404, { error: 'no-release', message: `there is no ${service} ${version} on this host` })
  if (!found.ok || (digest !== undefined && digest !== found.digest))
    throw new Refusal(422, {
      error: 'digest',
      message: `${service} ${version} is ${found.digest} here, wanted ${digest ?? found.artifact}`,
    })
  return found
}

function readArtifact(folder: string): Artifact | null {
  try {
    const release = releaseSchema.parse(JSON.parse(readFileSync(join(folder, 'release.json'), 'utf8')))
    const digest = artifactDigest(folder)
    return { ...release, digest, ok: digest === release.artifact, folder }
  } catch {
    return null
  }
}
