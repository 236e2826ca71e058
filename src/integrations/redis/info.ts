import type { Redis } from 'ioredis'

/** What INFO says of a section: names and values. */
export type Info = { [name: string]: string }

export async function infoOf(redis: Redis, ...sections: string[]): Promise<Info> {
  const texts = await Promise.all(sections.map((section) => redis.info(section)))
  const pairs = texts
    .join('\n')
    .split(/\r?\n/)
    .flatMap((line) => {
      const colon = line.indexOf(':')
      return colon > 0 && !line.startsWith('#') ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : []
    })
  return Object.fromEntries(pairs)
}

export const numberIn = (info: Info, name: string): number => Number(info[name] ?? 0) || 0
