import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The APIs of a floor's hosts and proxy, called as a script would: no checks, no retries. */
export type FloorApi = {
  hosts: string[]
  /** The digest of a release that lies on the floor. */
  artifactOf(version: string): string
  onHost<Answer>(host: string, method: string, path: string, body?: object): Promise<Answer>
  onProxy<Answer>(method: string, path: string, body?: object): Promise<Answer>
}

export function floorApi(dir: string): FloorApi {
  const read = (...path: string[]) => readFileSync(join(dir, 'floor', ...path), 'utf8')
  const ports: { [name: string]: number } = JSON.parse(read('ports.json'))
  const authorization = `Bearer ${read('token').trim()}`
  const call = async <Answer>(port: number | undefined, method: string, path: string, body?: object) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as Answer
  }
  return {
    hosts: ['alpha', 'beta'],
    artifactOf: (version) => JSON.parse(read('releases', version, 'release.json')).artifact,
    onHost: (host, method, path, body) => call(ports[host], method, path, body),
    onProxy: (method, path, body) => call(ports.proxy, method, path, body),
  }
}
