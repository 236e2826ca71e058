import pg from 'pg'

/**
 * A few connections beside the product's. `end` is over before the server has heard of it, so that a database which is
 * dropped by force just afterwards still ends them: that is no failure. A query on a connection that broke fails by itself.
 */
export function openWorld(databaseUrl: string, max = 2): pg.Pool {
  return new pg.Pool({ connectionString: databaseUrl, max }).on('error', () => {})
}
