import { useSyncExternalStore } from 'react'

/**
 * Where the page looks: `#/as/U0RITA/C0RELEASES`, with `/thread/<ts>` for an open thread, `/canvas/<id>` for a canvas or
 * `/home` for the app's Home tab.
 */
export type Route = { user?: string; channel?: string; thread?: string; canvas?: string; home: boolean }

export function parseRoute(hash: string): Route {
  const [as, user, channel, part, id] = hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent)
  if (as !== 'as' || !user) return { home: false }
  return {
    user,
    channel: channel || undefined,
    thread: part === 'thread' && id ? id : undefined,
    canvas: part === 'canvas' && id ? id : undefined,
    home: part === 'home',
  }
}

export function routeHash({ user, channel, thread, canvas, home }: Route): string {
  const place = thread ? ['thread', thread] : canvas ? ['canvas', canvas] : home ? ['home'] : []
  const parts = ['as', user, channel, ...place]
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
