import { z } from 'zod'
import type { Mistake } from '../catalogue-rules.js'
import type { CatalogueFile } from '../catalogue-schema.js'
import { matching, secret, text, webAddress } from './values.js'

/** What becomes an annotated tag and a release at GitHub once it serves. */
export const tagging = z.strictObject({
  /** After a deploy to this environment. */
  environment: text('the name of an environment'),
  repository: matching(/^[\w.-]+\/[\w.-]+$/, 'a repository such as "acme/storefront"'),
  token: secret,
  /** Before the version, where several services share a repository: "storefront-" makes storefront-v1.8.0. */
  prefix: matching(/^[A-Za-z0-9][\w./-]*$/, 'letters, digits, - and / such as "storefront-"').optional(),
  url: webAddress.default('https://api.github.com'),
})

export type TaggingSettings = Omit<z.output<typeof tagging>, 'prefix'> & { prefix: string }

export const taggingFrom = (file: z.output<typeof tagging> | undefined): TaggingSettings | null =>
  file ? { ...file, prefix: file.prefix ?? '' } : null

type UnknownName = (path: string[], word: string, what: string, known: string[]) => Mistake[]

/** A tag is made where something is deployed to. */
export const taggingMistakes = ({ services }: CatalogueFile, unknownName: UnknownName): Mistake[] =>
  Object.entries(services).flatMap(([name, { tagging: settings, environments }]) =>
    settings
      ? unknownName(
          ['services', name, 'tagging', 'environment'],
          settings.environment,
          `an environment of ${name}`,
          Object.keys(environments),
        )
      : [],
  )
