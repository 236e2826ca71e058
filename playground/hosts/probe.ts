import { get } from 'node:http'

export type ProbeAnswer = { status: number; body: string }

/** One look over a fresh connection; null when nothing answers in time. */
export function probe(port: number, path: string, timeoutMs = 1000): Promise<ProbeAnswer | null> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: timeoutMs }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        body = `${body}${part}`.slice(0, 4096)
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', () => resolve(null))
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(null))
  })
}

/** A field of a JSON answer, when it is a text. */
export function textField(body: string, name: string): string | null {
  try {
    const value: unknown = (JSON.parse(body) as { [name: string]: unknown })[name]
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}
