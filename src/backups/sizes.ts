/** "950 B", "3.2 GB", "14 GB": decimal units, two digits at least. */
export function shownBytes(bytes: number): string {
  const sign = bytes < 0 ? '-' : ''
  let value = Math.abs(bytes)
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000
    unit += 1
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0
  return `${sign}${value.toFixed(digits)} ${units[unit]}`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** "1 file", "1,204 files". */
export const counted = (count: number, thing: string) =>
  `${count.toLocaleString('en')} ${count === 1 ? thing : `${thing}s`}`
