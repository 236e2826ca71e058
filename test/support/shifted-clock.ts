const RealDate = Date
let offMs = 0

class ShiftedDate extends RealDate {
  constructor(...given: [] | [string | number | Date]) {
    super(...((given.length === 0 ? [ShiftedDate.now()] : given) as [number]))
  }
  static override now(): number {
    return RealDate.now() + offMs
  }
}

/**
 * Everything in this process that asks the time, packages included, is told one that is so far off; timers go on as they
 * would, because they run on the monotonic clock. That is what happens when the clock of a machine is set.
 */
export function shiftClock(ms: number): void {
  offMs = ms
  globalThis.Date = ShiftedDate as DateConstructor
}
