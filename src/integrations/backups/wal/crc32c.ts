// Four tables, so that four bytes go at once: segments are read by the gigabyte.
const tables = Array.from({ length: 4 }, () => new Int32Array(256))
const [t0, t1, t2, t3] = tables as [Int32Array, Int32Array, Int32Array, Int32Array]
for (let value = 0; value < 256; value++) {
  let crc = value
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  t0[value] = crc
}
for (let value = 0; value < 256; value++) {
  t1[value] = next(t0[value] ?? 0)
  t2[value] = next(t1[value] ?? 0)
  t3[value] = next(t2[value] ?? 0)
}

function next(crc: number): number {
  return (crc >>> 8) ^ (t0[crc & 0xff] ?? 0)
}

/** Castagnoli's checksum, which PostgreSQL writes; `before` is that of the bytes that come first. */
export function crc32c(bytes: Buffer, before = 0): number {
  let crc = ~before
  let at = 0
  for (const whole = bytes.length - (bytes.length % 4); at < whole; at += 4) {
    crc ^= bytes.readInt32LE(at)
    crc = (t3[crc & 0xff] ?? 0) ^ (t2[(crc >>> 8) & 0xff] ?? 0) ^ (t1[(crc >>> 16) & 0xff] ?? 0) ^ (t0[crc >>> 24] ?? 0)
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0)
  return ~crc >>> 0
}
