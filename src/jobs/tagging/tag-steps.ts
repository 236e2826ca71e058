import type { Catalogue } from '../../releases/catalogue.js'
import type { Release } from '../../releases/release.js'
import { isCandidate } from '../../releases/versions.js'
import type { Intent } from '../../runs/run.js'
import type { DoStep, SayStep } from '../../runs/step.js'
import { tell } from '../gates.js'
import { releaseNotes } from './release-notes.js'

/**
 * The tag and the release of what was deployed, where the operator's file wants them for this place. They come after
 * everything else: whatever becomes of them, what serves stays, and a deploy that did its work is done.
 */
export function tagSteps(
  { service, environment }: Intent,
  { services }: Catalogue,
  release: Release,
): (DoStep | SayStep)[] {
  const settings = Object.hasOwn(services, service) ? services[service]?.tagging : null
  if (!settings || settings.environment !== environment) return []
  const tag = `${settings.prefix}${release.version}`
  const step: DoStep = {
    key: 'tag',
    title: `Tag ${tag} at GitHub`,
    verb: 'do',
    action: 'github.tag',
    with: {
      service,
      tag,
      commit: release.commit,
      notes: releaseNotes(release),
      candidate: isCandidate(release.version),
    },
    timeout: 60_000,
    retries: 3,
    onFailure: 'warn',
  }
  const text = `${service} ${release.version} serves ${environment} and has no tag or no release at GitHub: the step "${step.title}" on the card says why, and what to do. Nothing was rolled back.`
  const told = tell('untagged', 'tell the thread if it was not tagged', { kind: 'thread' }, text)
  return [step, { ...told, when: { step: 'tag', outcome: 'warned' } }]
}
