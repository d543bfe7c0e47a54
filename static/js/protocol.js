// The wire format `emotion.v1`: converts between bytes or JSON and values. Twin of emoweb/live/protocol.py.

export const SUBPROTOCOL = "emotion.v1";
export const VERSION = 1;
export const MAGIC = "EF";
export const HEADER_BYTES = 24;

export const CLIENT_MESSAGES = ["hello", "settings", "pause", "unpause", "ping", "bye"];
export const SERVER_MESSAGES = [
  "welcome", "result", "drop", "error", "hint", "stats", "paused", "unpaused", "settings", "pong", "bye",
];
export const DROP_REASONS = ["superseded", "stale", "rate", "paused", "failed", "bad_image"];
export const ERROR_CODES = [
  "bad_json", "unknown_type", "bad_field", "bad_header", "bad_version", "bad_seq", "hello_required",
  "consent_required", "unknown_model", "unknown_labels", "too_large", "capacity", "server_error",
];
export const CLOSE_CODES = {
  bye: 1000, goingAway: 1001, lost: 1006, messageTooBig: 1009, serverError: 1011, restart: 1012,
  protocol: 4400, consent: 4401, idle: 4408, resumedElsewhere: 4409, flood: 4429, full: 4503,
};

const MAGIC_U16 = (MAGIC.charCodeAt(0) << 8) | MAGIC.charCodeAt(1);

/** The server sent something that this page cannot parse. */
export class ProtocolError extends Error {}

/** One message: the 24-byte header, big-endian, then the JPEG's bytes (ArrayBuffer). */
export function encodeFrame({ seq, capturedMs, width, height, answered }, jpeg) {
  const message = new ArrayBuffer(HEADER_BYTES + jpeg.byteLength);
  const header = new DataView(message);
  header.setUint16(0, MAGIC_U16);
  header.setUint8(2, VERSION);
  header.setUint8(3, 0); // flags
  header.setUint32(4, seq);
  header.setFloat64(8, capturedMs);
  header.setUint16(16, width);
  header.setUint16(18, height);
  header.setUint32(20, answered);
  new Uint8Array(message, HEADER_BYTES).set(new Uint8Array(jpeg));
  return message;
}

/** The fields of a frame message's header; ProtocolError when it is none. */
export function decodeHeader(message) {
  if (message.byteLength < HEADER_BYTES) throw new ProtocolError("shorter than a header");

  const header = new DataView(message);
  if (header.getUint16(0) !== MAGIC_U16) throw new ProtocolError("another magic");

  return {
    version: header.getUint8(2),
    flags: header.getUint8(3),
    seq: header.getUint32(4),
    capturedMs: header.getFloat64(8),
    width: header.getUint16(16),
    height: header.getUint16(18),
    answered: header.getUint32(20),
  };
}

/** JSON text of a client's message; undefined and null fields are omitted. */
export function encodeMessage(type, fields = {}) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return JSON.stringify({ type, ...Object.fromEntries(given) });
}

export function encodeHello(fields) {
  return encodeMessage("hello", { version: VERSION, ...fields });
}

// The fields the page relies on, by message type. A newer server may send other fields and types.
const REQUIRED = {
  welcome: { session: "string", resume: "string", resumed: "boolean", credit: "number", labels: "array", models: "array", limits: "object" },
  result: { seq: "number", captured_ms: "number", faces: "array" },
  drop: { seq: "number", reason: "string" },
  error: { code: "string", message: "string" },
  settings: { session: "string", resume: "string", labels: "array" },
  bye: { session: "string" },
};

/** A server's message as an object; ProtocolError when a field the page needs is missing or of another type. */
export function parseMessage(text) {
  const message = parseObject(text);
  for (const [field, type] of Object.entries(REQUIRED[message.type] ?? {})) {
    if (typeOf(message[field]) !== type) throw new ProtocolError(`${message.type}.${field} is no ${type}`);
  }
  return message;
}

function parseObject(text) {
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    throw new ProtocolError("not JSON");
  }
  if (typeOf(message) !== "object" || typeof message.type !== "string") throw new ProtocolError("no message");
  return message;
}

function typeOf(value) {
  if (Array.isArray(value)) return "array";
  return value === null ? "null" : typeof value;
}
