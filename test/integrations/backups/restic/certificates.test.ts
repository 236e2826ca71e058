import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createCertificatesSource, judged } from '../../../../src/integrations/backups/restic/sources/certificates.js'
import { contextFor } from '../../../support/backups/engine-rig.js'
import { largestFirst } from '../../../support/backups/planted.js'
import { type ResticSet, resticSet } from '../../../support/backups/restic-set.js'
import { requirePart } from '../../../support/parts.js'

const [program, openssl] = [requirePart('restic'), requirePart('openssl')]
const folder = mkdtempSync(join(tmpdir(), 'shipmate-certificates-'))
const at = (name: string) => join(folder, name)
const ssl = (...words: string[]) => execFileSync(openssl ?? 'openssl', words, { cwd: folder, stdio: 'pipe' })

/** An authority, a certificate that it issued, and the two as servers send them. */
function issue(name: string): void {
  ssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
  ssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '30',
    '-out',
    `${name}.pem`,
  )
}

describe.skipIf(!program || !openssl)('certificates and their keys', () => {
  let set: ResticSet

  beforeAll(() => {
    ssl(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-days',
      '30',
      '-subj',
      '/CN=Shop CA',
    )
    issue('shop')
    issue('other')
    writeFileSync(at('chain.pem'), readFileSync(at('shop.pem'), 'utf8') + readFileSync(at('ca.pem'), 'utf8'))
    // As the tools of ACME lay them: what is served is a link.
    copyFileSync(at('shop.key'), at('shop-1.key'))
    symlinkSync(at('shop-1.key'), at('live.key'))
    writeFileSync(at('account.json'), '{"kty":"EC"}')
    set = resticSet('certificates', ({ work }) =>
      createCertificatesSource({
        pairs: [{ certificate: at('chain.pem'), key: at('live.key') }],
        files: [at('account.json')],
        work,
      }),
    )
  })
  afterAll(() => {
    set.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('are stored encrypted, come back, and each key belongs to its certificate', async () => {
    await set.engine.ready(contextFor())
    await set.take()
    const found = await set.rehearse()
    expect(found).toMatchObject({ files: 3, looked: 3, problems: [] })
    expect(found.holds).toEqual([
      {
        name: at('chain.pem'),
        holds: true,
        came: expect.stringMatching(/^its key belongs to it, valid until 20\d\d-/),
      },
    ])
    for (const path of largestFirst(set.repository))
      expect(readFileSync(path).includes('PRIVATE KEY') || readFileSync(path).includes('BEGIN CERTIFICATE')).toBe(false)
    // Nothing of them stays on this machine beside where they are.
    expect(existsSync(join(set.work, 'staged'))).toBe(false)
  }, 240_000)

  test('a key of another certificate is refused before anything is stored, with the reason', async () => {
    rmSync(at('live.key'))
    symlinkSync(at('other.key'), at('live.key'))
    for (const no of [await set.engine.ready(contextFor()).catch(caught), await set.take().catch(caught)])
      expect(no).toMatchObject({
        code: 'certificate-key-mismatch',
        message: `${at('chain.pem')} would serve nobody: its key belongs to another certificate.`,
      })
    expect((await set.engine.holding(contextFor())).backups).toHaveLength(1)
  }, 240_000)

  test('so are a chain that leads nowhere, an encrypted key and what is no certificate', () => {
    const read = (name: string) => readFileSync(at(name))
    expect(judged(read('chain.pem'), read('shop.key')).wrong).toBeNull()
    const crossed = Buffer.concat([read('shop.pem'), read('other.pem')])
    expect(judged(crossed, read('shop.key')).wrong).toBe('certificate 2 of its chain did not issue the one before it')
    ssl('rsa', '-aes128', '-passout', 'pass:secret', '-in', 'shop.key', '-out', 'locked.key')
    expect(judged(read('shop.pem'), read('locked.key')).wrong).toBe('its key cannot be read: it is none, or encrypted')
    expect(judged(read('account.json'), read('shop.key')).wrong).toBe('it holds no certificate')
  })
})

const caught = (thrown: unknown) => thrown
