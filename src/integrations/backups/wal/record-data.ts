/** What precedes the parts of every record: struct XLogRecord. */
export const recordHeader = 24

/**
 * The data of a record that touches no page, after its header; what may stand before it says where the record came from.
 * Empty where there is none (src/include/access/xlogrecord.h).
 */
export function mainData(record: Buffer): Buffer {
  for (let at = 0; at < record.length; ) {
    const id = record.readUInt8(at)
    if (id === 255) return record.subarray(at + 2, at + 2 + record.readUInt8(at + 1))
    if (id === 254) return record.subarray(at + 5, at + 5 + record.readUInt32LE(at + 1))
    if (id === 253) at += 3
    else if (id === 252) at += 5
    else break
  }
  return Buffer.alloc(0)
}

/** Up to the zero that ends it. */
export function textIn(data: Buffer): string {
  const end = data.indexOf(0)
  return data.subarray(0, end < 0 ? data.length : end).toString('utf8')
}
