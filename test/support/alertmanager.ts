import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../src/free-port.js'
import { waitFor } from './wait-for.js'

/** A real Alertmanager on loopback that tells one receiver, with a bearer token. */
export async function startAlertmanager(program: string, receiver: { url: string; token: string }) {
  const dir = mkdtempSync(join(tmpdir(), 'shipmate-alertmanager-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const file = join(dir, 'alertmanager.yml')
  writeFileSync(file, config(receiver))
  const child = spawn(
    program,
    [
      `--config.file=${file}`,
      `--storage.path=${dir}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  )
  const ready = async () => (await fetch(`${url}/-/ready`).catch(() => null))?.ok ?? false
  await waitFor('Alertmanager to be ready', ready, 30_000)
  return { url, stop: () => stopped(child, dir) }
}

const config = ({ url, token }: { url: string; token: string }) => `route:
  receiver: shipmate
  group_by: [alertname]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 1h
receivers:
  - name: shipmate
    webhook_configs:
      - url: ${url}
        send_resolved: true
        http_config:
          authorization:
            credentials: ${token}
`

function stopped(child: ChildProcess, dir: string): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => {
      rmSync(dir, { recursive: true, force: true })
      resolve()
    })
    child.kill('SIGTERM')
  })
}
