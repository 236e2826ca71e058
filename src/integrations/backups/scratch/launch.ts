import { spawn } from 'node:child_process'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import type { RunsAs } from '../programs.js'

export type Launch = {
  postgres: string
  data: string
  port: number
  socketFolder: string
  /** Files of ours beside the data: what the restored cluster says of itself is not obeyed. */
  config: string
  hba: string
  ident: string
  log: string
  role: string
  preload: string[]
  as: RunsAs
}

const environment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC' }

/**
 * Starts a server in a session of its own: it outlives us, because people may look at it for longer than one worker
 * lives. Tells whether it is gone.
 */
export function launch(given: Launch): () => boolean {
  const { postgres, data, log, as } = given
  writeFileSync(given.config, '')
  writeFileSync(given.ident, '')
  writeFileSync(given.hba, hba(given.role))
  const output = openSync(log, 'a', 0o640)
  const words = settings(given).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const stdio: ['ignore', number, number] = ['ignore', output, output]
  const server = spawn(postgres, ['-D', data, ...words], { ...as, stdio, detached: true, cwd: '/', env: environment })
  closeSync(output)
  server.unref()
  let gone = false
  const over = () => {
    gone = true
  }
  server.once('error', over)
  server.once('exit', over)
  return () => gone
}

/** The socket's folder lets nobody in but us; over loopback comes only the role that we make, with its password. */
const hba = (role: string) =>
  [
    'local all all trust',
    `host all ${role} 127.0.0.1/32 scram-sha-256`,
    'host all all all reject',
    'local replication all reject',
    '',
  ].join('\n')

/**
 * On the command line, where they win over what the restored files carry: nothing of the original is written to, asked
 * or followed, and what only matters in production is off.
 */
function settings(given: Launch): [string, string | number][] {
  return [
    ['config_file', given.config],
    ['hba_file', given.hba],
    ['ident_file', given.ident],
    ['external_pid_file', ''],
    ['listen_addresses', '127.0.0.1'],
    ['port', given.port],
    ['unix_socket_directories', given.socketFolder],
    ['unix_socket_permissions', '0700'],
    ['cluster_name', 'shipmate-scratch'],
    ['ssl', 'off'],
    ['password_encryption', 'scram-sha-256'],
    ['shared_preload_libraries', given.preload.join(',')],
    ['session_preload_libraries', ''],
    ['local_preload_libraries', ''],
    ['archive_mode', 'off'],
    ['archive_cleanup_command', ''],
    ['recovery_end_command', ''],
    ['primary_conninfo', ''],
    ['primary_slot_name', ''],
    ['synchronous_standby_names', ''],
    // A copy that subscribed to what the original subscribes to would take its changes away.
    ['max_logical_replication_workers', 0],
    // Off, so that limits lower than the original's are no reason to refuse; nobody is let in before recovery ended.
    ['hot_standby', 'off'],
    ['max_connections', 50],
    ['max_prepared_transactions', 256],
    ['max_locks_per_transaction', 256],
    ['shared_buffers', '128MB'],
    ['huge_pages', 'off'],
    ['autovacuum', 'off'],
    ['restart_after_crash', 'off'],
    ['default_transaction_read_only', 'off'],
    ['logging_collector', 'off'],
    ['log_destination', 'stderr'],
    ['log_line_prefix', ''],
    ['log_min_messages', 'warning'],
    ['lc_messages', 'C'],
    ['log_timezone', 'UTC'],
  ]
}
