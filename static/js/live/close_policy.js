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
 * `end`: stay away until the visitor asks; `wait`: full, try again at a calm pace; `retry`: reconnect with back-off.
 */
export function afterClose(code) {
  if (END.has(code)) return { action: "end", notice: END.get(code) };
  if (code === CODE.full) return { action: "wait", notice: "capacity" };
  return { action: "retry", notice: "reconnecting" };
}
