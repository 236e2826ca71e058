import type { Session } from '../control/session.js'
import { plain } from '../text/mrkdwn.js'

/** A message's text as a person would type it: ids become names again. */
export function typedForm(
  text: string,
  { person, channel, workspace }: Pick<Session, 'person' | 'channel' | 'workspace'>,
): string {
  const group = (id: string) => workspace.groups.find((one) => one.id === id)?.handle
  return plain(
    text
      .replace(/<@(\w+)(?:\|[^>]*)?>/g, (all, id: string) => (person(id) ? `@${person(id)?.name}` : all))
      .replace(/<#(\w+)(?:\|[^>]*)?>/g, (all, id: string) => (channel(id) ? `#${channel(id)?.name}` : all))
      .replace(/<!subteam\^(\w+)(?:\|[^>]*)?>/g, (all, id: string) => (group(id) ? `@${group(id)}` : all))
      .replace(/<!(here|channel|everyone)>/g, '@$1'),
  )
}
