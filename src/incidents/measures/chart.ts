import type { Measures } from './measures.js'

const size = { width: 720, height: 300 }
const plot = { left: 44, right: 16, top: 64, bottom: 40 }

/**
 * Deploys for each day as bars, those that failed hatched, incidents as triangles above: shape says it, not colour
 * alone. SVG; its text for those who do not see it is the measures' verdict.
 */
export function chartOf(measures: Measures): string {
  const { series } = measures
  const most = Math.max(1, ...series.map(({ deploys }) => deploys))
  const top = niceTop(most)
  const width = size.width - plot.left - plot.right
  const height = size.height - plot.top - plot.bottom
  const slot = width / Math.max(1, series.length)
  const y = (value: number) => plot.top + height - (value / top) * height
  const bars = series.map((day, at) => barsOf(day, plot.left + at * slot, Math.max(1, slot * 0.8), y))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" font-family="DejaVu Sans" font-size="12" fill="#1f2328">
<defs><pattern id="failed" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#cf222e"/><rect width="2" height="6" fill="#ffffff"/></pattern></defs>
<rect width="100%" height="100%" fill="#ffffff"/>
${heading(measures)}
${gridOf(top, y)}
${bars.join('\n')}
${daysOf(series, slot)}
</svg>`
}

type Day = Measures['series'][number]

function barsOf({ deploys, failed, incidents }: Day, x: number, width: number, y: (value: number) => number): string {
  const rect = (from: number, to: number, fill: string) =>
    to > from
      ? `<rect x="${round(x)}" y="${round(y(to))}" width="${round(width)}" height="${round(y(from) - y(to))}" fill="${fill}"/>`
      : ''
  const middle = x + width / 2
  const tip = y(deploys) - 14
  const half = Math.min(6, Math.max(3, width / 2))
  const mark = `<path d="M${round(middle)} ${round(tip)} l${half} 10 h-${half * 2} z" fill="#8250df"/>`
  const count =
    incidents > 1 ? `<text x="${round(middle)}" y="${round(tip - 3)}" text-anchor="middle">${incidents}</text>` : ''
  const trouble = incidents > 0 ? mark + count : ''
  return rect(0, deploys - failed, '#0969da') + rect(deploys - failed, deploys, 'url(#failed)') + trouble
}

function heading({ service, environment, days }: Measures): string {
  const place = escaped(service === null ? environment : `${service} in ${environment}`)
  const key = (x: number, shape: string, text: string) => `${shape}<text x="${x + 16}" y="44">${text}</text>`
  return [
    `<text x="${plot.left}" y="22" font-size="15" font-weight="bold">Deploys and incidents: ${place}, last ${days} days</text>`,
    key(44, '<rect x="44" y="34" width="12" height="12" fill="#0969da"/>', 'stayed'),
    key(124, '<rect x="124" y="34" width="12" height="12" fill="url(#failed)"/>', 'failed or caused an incident'),
    key(334, '<path d="M340 34 l6 11 h-12 z" fill="#8250df"/>', 'incident'),
  ].join('\n')
}

function gridOf(top: number, y: (value: number) => number): string {
  const steps = top <= 4 ? top : 4
  return Array.from({ length: steps + 1 }, (_, at) => {
    const value = (top / steps) * at
    const line = `<line x1="${plot.left}" x2="${size.width - plot.right}" y1="${round(y(value))}" y2="${round(y(value))}" stroke="#d0d7de"/>`
    return `${line}<text x="${plot.left - 8}" y="${round(y(value) + 4)}" text-anchor="end">${round(value)}</text>`
  }).join('\n')
}

/** So many days have a date below them that they do not touch. */
function daysOf(series: Day[], slot: number): string {
  const every = Math.max(1, Math.ceil(48 / slot))
  return series
    .map(({ day }, at) => ({
      day,
      x: plot.left + at * slot + slot * 0.4,
      shown: (series.length - 1 - at) % every === 0,
    }))
    .filter(({ shown }) => shown)
    .map(({ day, x }) => `<text x="${round(x)}" y="${size.height - 16}" text-anchor="middle">${day.slice(5)}</text>`)
    .join('\n')
}

/** The next number that four lines divide. */
const niceTop = (most: number) => (most <= 4 ? most : Math.ceil(most / 4) * 4)
const round = (value: number) => Math.round(value * 100) / 100
const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
