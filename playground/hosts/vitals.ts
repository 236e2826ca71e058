import { readFile, statfs } from 'node:fs/promises'
import { availableParallelism, freemem, loadavg, totalmem } from 'node:os'

/** How this machine is: the disk of a folder, memory and load. Looks and changes nothing. */
export async function vitalsOf(folder: string) {
  const { blocks, bfree, bavail, bsize } = await statfs(folder)
  const used = (blocks - bfree) * bsize
  return {
    disks: [{ path: folder, used, size: used + bavail * bsize }],
    memory: { used: totalmem() - (await availableMemory()), size: totalmem() },
    load: { minute: loadavg()[0] ?? 0, processors: availableParallelism() },
  }
}

async function availableMemory(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1]
  return available ? Number(available) * 1024 : freemem()
}
