import type { Fault } from './protocol.js'

/** What tests ordered to go wrong, oldest order first. */
export type Faults = {
  order(fault: Fault): void
  /** Takes the next fault on a Web API call of that method, using up one of its times. */
  onCall(method: string): Fault | undefined
  /** Takes the next fault on a payload to the app; `names` are its kind and what it carries (command, event type …). */
  onDelivery(names: string[]): Fault | undefined
  clear(): void
}

const onDeliveries = new Set<Fault['kind']>(['duplicate-delivery', 'late-delivery'])

export function createFaults(): Faults {
  let orders: { fault: Fault; left: number }[] = []
  const take = (matches: (fault: Fault) => boolean) => {
    const order = orders.find(({ fault }) => matches(fault))
    if (!order) return undefined
    order.left -= 1
    orders = orders.filter(({ left }) => left > 0)
    return order.fault
  }
  return {
    order: (fault) => void orders.push({ fault, left: fault.times ?? 1 }),
    onCall: (method) => take((fault) => !onDeliveries.has(fault.kind) && (fault.method ?? method) === method),
    onDelivery: (names) =>
      take((fault) => onDeliveries.has(fault.kind) && (fault.method === undefined || names.includes(fault.method))),
    clear: () => {
      orders = []
    },
  }
}
