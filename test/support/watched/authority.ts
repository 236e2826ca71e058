import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const day = 86_400_000

/** A certificate authority of its own that signs for any stretch of time, also one that is over. */
export function createAuthority() {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-authority-'))
  const file = (name: string) => join(dir, name)
  const openssl = (...words: string[]) =>
    execFileSync('openssl', words, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] })
  const config = `[ca]\ndefault_ca=own\n[own]\ndir=${dir}\ndatabase=${dir}/index\nserial=${dir}/serial\nnew_certs_dir=${dir}\ndefault_md=sha256\npolicy=any\ncopy_extensions=copy\nunique_subject=no\n[any]\ncommonName=supplied\n`
  writeFileSync(file('ca.cnf'), config)
  writeFileSync(file('index'), '')
  writeFileSync(file('serial'), '01\n')
  openssl(
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
    '3650',
    '-subj',
    '/CN=Own authority',
  )
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'key.pem',
    '-out',
    'shop.csr',
    '-subj',
    '/CN=shop.test',
    '-addext',
    'subjectAltName=DNS:shop.test',
  )
  const moment = (days: number) => new Date(Date.now() + days * day).toISOString().replace(/[-:T]|\.\d+/g, '')
  return {
    dir,
    ca: file('ca.pem'),
    key: readFileSync(file('key.pem'), 'utf8'),
    /** The file of a certificate for shop.test that holds from so many days from now until so many. */
    sign(name: string, from: number, to: number): string {
      const dates = ['-startdate', moment(from), '-enddate', moment(to)]
      openssl(
        'ca',
        '-batch',
        '-config',
        'ca.cnf',
        '-cert',
        'ca.pem',
        '-keyfile',
        'ca.key',
        '-in',
        'shop.csr',
        '-out',
        `${name}.pem`,
        '-notext',
        ...dates,
      )
      return file(`${name}.pem`)
    },
  }
}
