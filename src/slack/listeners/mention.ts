import type { App } from '@slack/bolt'
import { answer, drawn } from './answers.js'
import { askerOf } from './asker.js'
import { attempt } from './attempt.js'
import { givePaper } from './papers.js'
import type { FaceParts } from './parts.js'
import { showPicture } from './pictures.js'

/** "@shipmate deploy prod": the same words where slash commands do not work, such as threads. Answered to that person. */
export function listenToMentions(app: App, parts: FaceParts): void {
  app.event('app_mention', async ({ event, body }) => {
    const { user, channel, thread_ts: thread, text } = event
    if (!user || 'bot_id' in event) return
    const team = teamOfEvent(event) ?? body.team_id
    const reply = await attempt(parts, 'a mention', team, async () => {
      const asker = await askerOf(parts, {
        user,
        userName: '',
        team,
        via: 'mention',
        delivery: body.event_id,
        channel,
        thread,
      })
      return parts.desk.mentions(wordsAfterMention(text, parts.identity.known()?.botUser ?? ''), asker)
    })
    const ways = { user, channel, thread }
    await answer(parts, ways, drawn(parts, reply))
    await showPicture(parts, ways, reply)
    await givePaper(parts, ways, reply)
  })
}

/** What follows the first mention of the app; all of the text when it mentions the app nowhere. */
export function wordsAfterMention(text: string, botUser: string): string {
  const mention = new RegExp(`<@${botUser}(?:\\|[^>]*)?>`)
  const found = botUser === '' ? null : mention.exec(text)
  return (found ? text.slice(found.index + found[0].length) : text).trim()
}

/** In a channel shared with another workspace the event names the person's own. */
function teamOfEvent(event: object): string | null {
  const named = 'user_team' in event ? event.user_team : 'team' in event ? event.team : null
  return typeof named === 'string' ? named : null
}
