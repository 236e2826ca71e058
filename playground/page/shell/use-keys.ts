import { useEffect } from 'react'
import type { Person } from '../../workspace/protocol.js'
import { go, type Route } from '../control/route.js'

/** Keys that work everywhere: Ctrl+K opens the quick switcher, Ctrl+Shift+1 to 9 change the person. */
export function useKeys(people: Person[], route: Route, openSwitcher: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey)) return
      // With Shift held, `key` is the sign above the digit, which differs by keyboard.
      const digit = event.shiftKey ? Number(/^Digit([1-9])$/.exec(event.code)?.[1] ?? 0) : 0
      const person = people[digit - 1]
      if (person) go({ ...route, user: person.id, thread: route.thread })
      else if (event.key.toLowerCase() === 'k' && !event.shiftKey) openSwitcher()
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [people, route, openSwitcher])
}
