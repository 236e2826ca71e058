import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ScratchFindings } from '../../../../backups/engine.js'
import { failed } from '../../../../errors.js'
import type { Restored, Source } from '../source.js'
import { contentOf, createStage, stagedIn } from '../staged.js'

type Pair = { certificate: string; key: string }
type CertificatesParts = { pairs: Pair[]; files: string[]; work: string }

/** Certificates with their keys, each of which has to belong to the other, and what goes with them. */
export function createCertificatesSource({ pairs, files, work }: CertificatesParts): Source {
  const stage = createStage(work)
  return {
    name: pairs.length === 1 ? 'one certificate and its key' : `${pairs.length} certificates and their keys`,
    whole: true,
    async ready() {
      for (const pair of pairs) await matching(pair)
      for (const file of files) await contentOf(file)
    },
    async gather(_before, { clock }) {
      await stage.begin()
      const notes: string[] = []
      for (const pair of pairs) {
        const first = judged(await stage.copy(pair.certificate), await stage.copy(pair.key))
        if (first.wrong !== null) throw mismatch(pair, first.wrong)
        if (first.until < clock.now()) notes.push(`${pair.certificate} is over since ${day(first.until)}`)
      }
      for (const file of files) await stage.copy(file)
      return { roots: [stage.root], faults: [], notes }
    },
    async look(restored) {
      return Promise.all(pairs.map((pair) => lookAtPair(pair, restored)))
    },
    clear: stage.clear,
  }

  async function lookAtPair(pair: Pair, { paths, to }: Restored): Promise<ScratchFindings['invariants'][number]> {
    const places = [pair.certificate, pair.key].map((path) => stagedIn(paths, stage.placeOf(path)))
    const [certificate, key] = await Promise.all(
      places.map((place) => (place === null ? null : readFile(to(place)).catch(() => null))),
    )
    if (!certificate || !key) return { name: pair.certificate, holds: false, came: 'it did not come back with its key' }
    const { wrong, until } = judged(certificate, key)
    const came = wrong ?? `its key belongs to it, valid until ${day(until)}`
    return { name: pair.certificate, holds: wrong === null, came }
  }
}

async function matching(pair: Pair): Promise<void> {
  const [[certificate], [key]] = await Promise.all([contentOf(pair.certificate), contentOf(pair.key)])
  const { wrong } = judged(certificate, key)
  if (wrong !== null) throw mismatch(pair, wrong)
}

/** What keeps the two from serving anybody; null when nothing does. Keys are never part of the words. */
export function judged(certificate: Buffer, key: Buffer): { wrong: string | null; until: Date } {
  const [own, ...chain] = certificatesIn(certificate.toString('latin1'))
  if (!own) return { wrong: 'it holds no certificate', until: new Date(0) }
  const until = new Date(own.validTo)
  const secret = keyFrom(key)
  if (secret === null) return { wrong: 'its key cannot be read: it is none, or encrypted', until }
  if (!own.checkPrivateKey(secret)) return { wrong: 'its key belongs to another certificate', until }
  const broken = chain.findIndex((issuer, at) => {
    const issued = at === 0 ? own : chain[at - 1]
    return !issued?.checkIssued(issuer) || !issued.verify(issuer.publicKey)
  })
  return { wrong: broken < 0 ? null : `certificate ${broken + 2} of its chain did not issue the one before it`, until }
}

function certificatesIn(text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    return []
  }
}

function keyFrom(key: Buffer): KeyObject | null {
  try {
    return createPrivateKey(key)
  } catch {
    return null
  }
}

const day = (at: Date) => at.toISOString().slice(0, 10)

const mismatch = ({ certificate, key }: Pair, wrong: string) =>
  failed('certificate-key-mismatch', `${certificate} would serve nobody: ${wrong}.`, {
    wanted: `a certificate whose key is ${key}`,
    came: wrong,
    next: 'Put the key that belongs to it there, or correct the paths. The backups before this one are untouched.',
  })
