import { useQueryClient } from '@tanstack/react-query'
import { go } from './route.js'
import { useSession } from './session.js'

/** Opens the direct messages with somebody, once the list knows them. */
export function useOpenIm(): (person: string) => Promise<void> {
  const { control, tell } = useSession()
  const queries = useQueryClient()
  return async (person) => {
    try {
      const { channel } = await control.im(person)
      // Fetched here and put in place: a list that does not know the channel yet would send the page elsewhere.
      const channels = await control.channels()
      await queries.cancelQueries({ queryKey: ['channels', control.user] })
      queries.setQueryData(['channels', control.user], channels)
      go({ user: control.user, channel, home: false })
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error))
    }
  }
}
