import { CLOSE_CODES as CODE } from "../protocol.js";

const END = new Map([
  [CODE.bye, "stopped"],
  [CODE.messageTooBig, "protocol"],
  [CODE.protocol, "protocol"],
  [CODE.consent, "consent"],
  [CODE.idle, "idle"],
  [CODE.resumedElsewhere, "elsewhere"],
  [CODE.flood, "flood"],
]);

/**
 * What to do after a socket closed: {action, notice}.
 * `end`: do not reconnect until the visitor starts; `wait`: at capacity, retry slowly; `retry`: reconnect with backoff.
 */
export function afterClose(code) {
  if (END.has(code)) return { action: "end", notice: END.get(code) };
  if (code === CODE.full) return { action: "wait", notice: "capacity" };
  return { action: "retry", notice: "reconnecting" };
}
