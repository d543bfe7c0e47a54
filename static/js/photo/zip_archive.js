// A ZIP file without compression: images are compressed already. One file under 4 GB, names in UTF-8.
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const UTF8_NAMES = 0x0800;
const VERSION = 20;

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

/** entries: [{name, bytes: Uint8Array}]; gives the parts of a Blob. The same name twice gets a number. */
export function zipParts(entries, date = new Date()) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, bytes } of withOwnNames(entries)) {
    const encoded = new TextEncoder().encode(name);
    const facts = factsOf(bytes, encoded, date);
    const local = record(LOCAL, [[2, VERSION], ...facts]);
    directory.push(record(CENTRAL, [[2, VERSION], [2, VERSION], ...facts, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]), encoded);
    parts.push(local, encoded, bytes);
    offset += local.length + encoded.length + bytes.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const count = entries.length;
  return [...parts, ...directory, record(END, [[2, 0], [2, 0], [2, count], [2, count], [4, size], [4, offset], [2, 0]])];
}

export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = CRC_TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** What the local and the central header both say, as [size in bytes, value]. */
function factsOf(bytes, name, date) {
  const time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
  const day = (Math.max(date.getFullYear() - 1980, 0) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
  const { length } = bytes;
  return [[2, UTF8_NAMES], [2, 0], [2, time], [2, day], [4, crc32(bytes)], [4, length], [4, length], [2, name.length], [2, 0]];
}

function record(signature, fields) {
  const all = [[4, signature], ...fields];
  const made = new DataView(new ArrayBuffer(all.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of all) {
    if (size === 2) made.setUint16(at, value, true);
    else made.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(made.buffer);
}

function withOwnNames(entries) {
  const taken = new Set();
  return entries.map(({ name, bytes }) => {
    let own = name;
    for (let number = 2; taken.has(own); number += 1) own = name.replace(/(\.[^.]*)?$/, ` (${number})$1`);
    taken.add(own);
    return { name: own, bytes };
  });
}
