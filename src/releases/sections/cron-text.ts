import { isCron } from '../backups/cron.js'
import { matching } from './values.js'

const wanted = 'five fields of cron such as "0 2 * * *"'

/** Five fields as cron has them; the names @daily and its like are understood too. */
export const cron = matching(/^(@(hourly|daily|weekly|monthly)|\S+( +\S+){4})$/, wanted).refine(isCron, {
  error: wanted,
})
