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
      await queries.refetchQueries({ queryKey: ['channels', control.user] })
      go({ user: control.user, channel, home: false })
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error))
    }
  }
}
