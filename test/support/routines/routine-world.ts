import { type Clock, systemClock } from '../../../src/clock.js'
import { onCallAt } from '../../../src/incidents/paging/rota.js'
import { createDesk } from '../../../src/jobs/desk.js'
import type { IncidentDeskParts } from '../../../src/jobs/incidents/parts.js'
import { createRoutineClock } from '../../../src/jobs/routines/keeping.js'
import type { OnCallNow } from '../../../src/jobs/routines/parts.js'
import { silentLog } from '../../../src/log.js'
import { createSlackFace } from '../../../src/slack/app.js'
import { createDirectory } from '../../../src/slack/directory.js'
import { createSocketInlet } from '../../../src/slack/front-door/socket-inlet.js'
import { createIdentity } from '../../../src/slack/identity.js'
import { createFormAnswers } from '../../../src/slack/listeners/form-answers.js'
import { createSlackWeb } from '../../../src/slack/web.js'
import { testInbox } from '../../slack/front-door/test-inbox.js'
import { createPerson } from '../../support/person.js'
import { freshDatabase } from '../database.js'
import { guideShelf, incidentPorts } from '../incident-ports.js'
import { roomWorld } from '../rooms/room-world.js'
import { noBackups, shopCatalogue, shopText, sourceOf, targetIn } from '../shop.js'

export type RoutineWorld = Awaited<ReturnType<typeof routineWorld>>

/**
 * Recurring work as people meet it: rows in PostgreSQL, the local workspace with its people, and Shipmate's outbox, face and
 * desk on them. What is due is due by a clock of its own, which a test sets.
 */
export async function routineWorld(routines: string) {
  const { clock, set } = settableClock()
  const room = await roomWorld({ limits: false, history: true, clock })
  const { store, workspace } = room
  const catalogue = shopCatalogue(shopText.replace(/\nroutines:[\s\S]*$/, `\nroutines:\n${routines}`))
  const onCall: OnCallNow = async (service, now) =>
    catalogue.onCall && onCallAt(catalogue.onCall, catalogue.zone, service, now)
  const keep = () => createRoutineClock({ catalogue, rows: store.routines, onCall, clock, log: silentLog })()
  const apiUrl = `${workspace.url}/api/`
  const web = createSlackWeb({ token: workspace.tokens.bot, apiUrl, log: silentLog })
  const identity = createIdentity(web)
  const directory = createDirectory({ web, identity, clock })
  const parts: IncidentDeskParts = {
    ...{ catalogue, desk: store.desk, locks: store.locks, deployments: store.deployments, tokens: store.tokens },
    ...{ wakes: { wake: async () => {} }, directory, sources: () => sourceOf([]), backups: noBackups },
    targets: () => targetIn(catalogue, async () => ({ instances: [], serving: null })),
    abilities: { action: () => undefined, check: () => undefined },
    routines: { rows: store.routines, onCall },
    ...{ trail: store.audit, incidents: incidentPorts(store, guideShelf().shelf), clock, log: silentLog },
  }
  const desk = createDesk(parts)
  const database = await freshDatabase()
  const inbox = testInbox(database.url)
  const responseOrigins = [workspace.url]
  const face = createSlackFace(
    { botToken: workspace.tokens.bot, apiUrl },
    {
      ...{ desk, runs: store.desk, cards: store.telling, directory, identity, web, responseOrigins, clock },
      ...{ channelOf: () => 'C0RELEASES', settings: catalogue.incidents, log: silentLog },
    },
    createSocketInlet({
      ...{ inbox, commands: null, answers: createFormAnswers(desk), responseOrigins, apiUrl, clock: systemClock },
      ...{ appToken: workspace.tokens.app, log: silentLog },
    }),
  )
  await face.start()
  const person = (id: string) => createPerson(workspace.url, id)
  return {
    ...{ room, store, catalogue, desk, keep },
    ...{ rita: person('U0RITA'), marco: person('U0MARCO'), mina: person('U0MINA'), ivy: person('U0IVY') },
    /** One round of the clock at this moment. */
    async at(moment: string): Promise<void> {
      set(new Date(moment))
      await keep()
    },
    async close() {
      await face.stop()
      await inbox.close()
      await room.end()
      await database.drop()
    },
  }
}

/** A time of day that a test sets; from there it goes on as time does, since whoever tells waits for it. */
function settableClock(): { clock: Clock; set(at: Date): void } {
  let shift = 0
  const set = (at: Date) => {
    shift = at.getTime() - Date.now()
  }
  return { clock: { ...systemClock, now: () => new Date(Date.now() + shift) }, set }
}
