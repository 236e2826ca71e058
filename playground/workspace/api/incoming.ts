import type { FastifyRequest } from 'fastify'
import type { RawArgs } from './args.js'

/** A call's token and arguments, from header, query and body; the body wins over the query. */
export function incoming(request: FastifyRequest): { token: string | undefined; raw: RawArgs } {
  const { token, ...raw } = { ...fieldsOf(request.query), ...fieldsOf(request.body) }
  const [, bearer] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? []
  return { token: bearer ?? (typeof token === 'string' ? token : undefined), raw }
}

/** The fields of a multipart form; files in it become their bytes. */
export async function multipartFields(body: Buffer, contentType: string): Promise<RawArgs> {
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData()
  const fields: RawArgs = {}
  for (const [name, value] of form) {
    fields[name] = typeof value === 'string' ? value : Buffer.from(await value.arrayBuffer())
  }
  return fields
}

function fieldsOf(value: unknown): RawArgs {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value) && !Array.isArray(value)
    ? (value as RawArgs)
    : {}
}
