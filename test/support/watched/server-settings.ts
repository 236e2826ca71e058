/** Few connections, so that they can be used up. */
export const serverSettings = [
  'fsync=off',
  'synchronous_commit=off',
  'max_connections=16',
  'superuser_reserved_connections=3',
]
