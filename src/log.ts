import { pino } from 'pino'

/** What every part logs to. Structured fields first, then one sentence. */
export type Log = {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(bindings: object): Log
}

/** Keys whose values never reach the log, at any of the depths our objects have. */
const secretKeys = [
  'token',
  'password',
  'secret',
  'authorization',
  'response_url',
  'trigger_id',
  'signingSecret',
  'botToken',
  'appToken',
  'databaseUrl',
]

/** A logger writing JSON lines to `stream` (standard error by default, so that standard output stays for answers). */
export function createLog(level = 'info', stream: { write(line: string): void } = process.stderr): Log {
  const paths = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*.*.*.${key}`])
  return pino({ level, redact: { paths, censor: '[secret]' } }, { write: (line: string) => stream.write(masked(line)) })
}

/** Tokens can also hide inside sentences (a vendor's error text, a connection string). */
export function masked(text: string): string {
  return text
    .replace(/\bxox[a-z]-[A-Za-z0-9-]+|\bxapp-[A-Za-z0-9-]+|\bxwfp-[A-Za-z0-9-]+|\bshp_[A-Za-z0-9_-]+/g, '[secret]')
    .replace(/(\w+:\/\/[^:@\s/]+):[^@\s/]+@/g, '$1:[secret]@')
}

export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
}
