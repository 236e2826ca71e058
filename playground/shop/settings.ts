// A segment that is there already is only fine when it is the same; %f and %p are filled in by the server, which runs
// this in its data folder.
const archiveCommand =
  'cmp -s "%p" "../wal-archive/%f" || { test ! -f "../wal-archive/%f" && ' +
  'cp "%p" "../wal-archive/%f.part" && mv "../wal-archive/%f.part" "../wal-archive/%f"; }'

/** What the shop's server is started with, by whomever: other settings would make a running one be started anew. */
export const shopSettings = [
  ...['wal_level=replica', 'archive_mode=on', `archive_command=${archiveCommand}`],
  // While nobody fetches its WAL, such as after the playground was left, the disk is not filled with it.
  ...['summarize_wal=on', 'max_wal_size=256MB', 'max_slot_wal_keep_size=512MB'],
]
