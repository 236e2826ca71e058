import { useSyncExternalStore } from 'react'

/** Where the page looks: `#/as/U0RITA/C0RELEASES`, with `/thread/<ts>` for an open thread or `/home` for the app's Home tab. */
export type Route = { user?: string; channel?: string; thread?: string; home: boolean }

export function parseRoute(hash: string): Route {
  const [as, user, channel, part, ts] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  if (as !== 'as' || !user) return { home: false }
  return {
    user,
    channel: channel || undefined,
    thread: part === 'thread' && ts ? ts : undefined,
    home: part === 'home',
  }
}

export function routeHash({ user, channel, thread, home }: Route): string {
  const parts = ['as', user, channel, ...(thread ? ['thread', thread] : home ? ['home'] : [])]
  return `#/${parts
    .filter((part) => part !== undefined)
    .map((part) => encodeURIComponent(part))
    .join('/')}`
}

export function go(route: Route): void {
  window.location.hash = routeHash(route)
}

export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => window.location.hash))
}

function subscribe(changed: () => void): () => void {
  window.addEventListener('hashchange', changed)
  return () => window.removeEventListener('hashchange', changed)
}
