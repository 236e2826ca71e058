import { z } from 'zod'
import { channel, duration, grant, groups, list, name, nobody, oneOf, people, text, whole, yes } from './values.js'

/** Incidents: where they are told, who is called, what people outside are promised, when one is over. */

const invited = z.strictObject({ groups, people })
const everyone = { groups: [], people: [], everyone: true }
const minutes = (count: number) => count * 60_000

/** What holds for a severity where the file says nothing of it. */
const severity = (updateEvery: number | null, page: boolean) => {
  const usual = { updateEvery, invite: { groups: [], people: [] }, page, approvals: {} }
  return z
    .strictObject({
      updateEvery: z.union([duration, oneOf('never').transform(() => null)]).default(updateEvery),
      invite: invited.default(usual.invite),
      page: yes.default(page),
      approvals: z.partialRecord(oneOf('deploy', 'rollback', 'scale', 'operate'), whole(0, 20)).default({}),
    })
    .default(usual)
}

const severities = z.strictObject({
  SEV1: severity(minutes(15), true),
  SEV2: severity(minutes(30), true),
  SEV3: severity(minutes(120), false),
  SEV4: severity(null, false),
})

export const incidentsSection = z
  .strictObject({
    channel: channel.nullable().default(null),
    stakeholders: channel.nullable().default(null),
    roles: list(text('the name of a role'), 'a list of roles').default(['commander', 'communications', 'scribe']),
    severities: severities.prefault({}),
    services: z.record(name, invited, { error: 'whom to invite, by service' }).default({}),
    gate: z.strictObject({ green: duration.default(minutes(5)) }).default({ green: minutes(5) }),
    storm: z.strictObject({ window: duration.default(minutes(5)) }).default({ window: minutes(5) }),
    may: z
      .strictObject({
        declare: grant.default(everyone),
        respond: grant.default(everyone),
        publish: grant.default(nobody),
      })
      .prefault({}),
    guides: text('a folder of guides').nullable().default(null),
  })
  .prefault({})

export type IncidentsSection = z.output<typeof incidentsSection>
