import type { World } from '../world.js'
import { bookmarkMethods } from './bookmarks.js'
import { canvasMethods } from './canvases.js'
import { chatMethods } from './chat.js'
import { conversationMethods } from './conversations.js'
import { fileMethods } from './files.js'
import { historyMethods } from './history.js'
import { markMethods } from './marks.js'
import { memberMethods } from './members.js'
import type { Family } from './method.js'
import { peopleMethods } from './people.js'
import { scheduledMethods } from './scheduled.js'
import { sessionMethods } from './session.js'
import { viewMethods } from './views.js'

/** Every method that the workspace carries out; `openSocket` gives a one-time url for Socket Mode. */
export function allMethods(openSocket: (world: World) => string): Family {
  return {
    ...sessionMethods(openSocket),
    ...bookmarkMethods,
    ...canvasMethods,
    ...chatMethods,
    ...scheduledMethods,
    ...conversationMethods,
    ...memberMethods,
    ...historyMethods,
    ...fileMethods,
    ...markMethods,
    ...peopleMethods,
    ...viewMethods,
  }
}
