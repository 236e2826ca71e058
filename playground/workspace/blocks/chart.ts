import {
  byType,
  type Check,
  type Fields,
  list,
  number,
  oneOf,
  type Place,
  report,
  shape,
  string,
  within,
} from './check.js'
import { limits } from './limits.js'

const label = string(limits.chart.label, 1)
const positive: Check = (value, place) => {
  number()(value, place)
  if (typeof value === 'number' && value <= 0) report(place, 'out_of_range', 'must be more than 0', 'more than 0')
}

const series = shape({
  name: label,
  data: list(shape({ label, value: number() }), limits.chart.points),
})

const axes = shape({
  categories: list(label, limits.chart.points),
  'x_label?': string(limits.chart.axisLabel),
  'y_label?': string(limits.chart.axisLabel),
})

/** The chart of a data_visualization block: a pie of segments, or series over named categories. */
export const chart: Check = byType({
  pie: shape({ type: oneOf('pie'), segments: list(shape({ label, value: positive }), limits.chart.segments) }),
  bar: overCategories('bar'),
  line: overCategories('line'),
  area: overCategories('area'),
})

function overCategories(type: string): Check {
  return shape(
    { type: oneOf(type), series: list(series, limits.chart.series), axis_config: axes },
    uniqueNamesOnePointEach,
  )
}

function uniqueNamesOnePointEach(value: Fields, place: Place): void {
  const named = new Set<unknown>()
  const categories = categoriesOf(value.axis_config)
  const all: unknown[] = Array.isArray(value.series) ? value.series : []
  all.forEach((each, index) => {
    const here = within(within(place, 'series'), index)
    if (typeof each !== 'object' || each === null) return
    const { name, data } = each as Fields
    if (named.has(name)) report(within(here, 'name'), 'duplicate', `must be unique: ${String(name)}`, 'unique')
    named.add(name)
    if (Array.isArray(data) && categories !== undefined && data.length !== categories) {
      report(
        within(here, 'data'),
        'conflict',
        `must have one point for each of ${categories} categories`,
        `${categories}`,
      )
    }
  })
}

function categoriesOf(axisConfig: unknown): number | undefined {
  if (typeof axisConfig !== 'object' || axisConfig === null || !('categories' in axisConfig)) return undefined
  return Array.isArray(axisConfig.categories) ? axisConfig.categories.length : undefined
}
