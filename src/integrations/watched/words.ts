import { shownDuration } from '../../releases/durations.js'

export { counted, figure, percent } from '../hosts/words.js'

/** 41.3 → "41 s", 0.2 → "200 ms". */
export const secondsShown = (seconds: number): string => shownDuration(Math.round(seconds * 1000))

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** 1536 → "1.5 kB". */
export function bytes(value: number): string {
  const step = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(value) / Math.log(1024)))
  const figure = value / 1024 ** step
  return `${figure >= 100 || step === 0 ? Math.round(figure) : Number(figure.toFixed(1))} ${units[step]}`
}

/** One line of text from outside, cut. */
export const cut = (text: string, most = 120): string => {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}
