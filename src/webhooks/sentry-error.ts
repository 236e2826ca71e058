import { z } from 'zod'
import type { ErrorContext } from '../incidents/alerts/error-context.js'
import { clean } from './sender.js'

const word = z.string().nullish().catch(null)

const frame = z.object({
  function: word,
  filename: word,
  abs_path: word,
  module: word,
  lineno: z.number().nullish().catch(null),
  in_app: z.boolean().nullish().catch(null),
})

/** What is not as documented is left out: an alert is not lost for the sake of its details. */
export const exceptionSchema = z
  .object({ values: z.array(z.object({ stacktrace: z.object({ frames: z.array(frame) }).nullish() })) })
  .nullish()
  .catch(null)

/** How many people an issue has hit; Sentry gives times as text. */
export const countSchema = z.coerce.number().int().nonnegative().nullish().catch(null)

type Frame = z.infer<typeof frame>

const mostFrames = 3
/** Tags that say with what an error was seen. Sentry also sends who it was (`user`): that is never read. */
const tellingTags = ['release', 'browser', 'os', 'device', 'runtime', 'plan', 'segment']

/** Where an error was thrown, newest call first, the application's own code before that of its packages. */
export function contextOf(
  exception: z.infer<typeof exceptionSchema>,
  tags: { [name: string]: string },
): Pick<ErrorContext, 'frames' | 'seenWith'> & { places: string[] } {
  const frames = (exception?.values.at(-1)?.stacktrace?.frames ?? []).toReversed()
  const own = frames.filter((one) => one.in_app === true)
  const told = (own.length > 0 ? own : frames).filter((one) => fileOf(one) !== null).slice(0, mostFrames)
  const seenWith = tellingTags.flatMap((name) => (tags[name] ? [clean(tags[name], 60)] : []))
  return { frames: told.map(frameWords), places: told.map(placeOf), seenWith: [...new Set(seenWith)] }
}

const fileOf = ({ filename, abs_path, module }: Frame): string | null => filename || abs_path || module || null

const placeOf = (one: Frame): string => clean(one.lineno ? `${fileOf(one)}:${one.lineno}` : (fileOf(one) ?? ''), 120)

const frameWords = (one: Frame): string =>
  one.function ? `${clean(one.function, 60)} (${placeOf(one)})` : placeOf(one)
