import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { CLOSE_CODES, DROP_REASONS, HEADER_BYTES, SUBPROTOCOL, VERSION } from "../../static/js/protocol.js";

const python = await readFile(new URL("../../emoweb/live/protocol.py", import.meta.url), "utf8");

function constant(name) {
  return python.match(new RegExp(`^${name}: Final = (.+)$`, "m"))?.[1];
}

test("both twins name the same protocol", () => {
  assert.equal(constant("SUBPROTOCOL"), `"${SUBPROTOCOL}"`);
  assert.equal(constant("VERSION"), String(VERSION));
  assert.equal(constant("HEADER_BYTES"), String(HEADER_BYTES));
});

test("both twins know the same reasons for a drop", () => {
  const reasons = [...constant("DROP_REASONS").matchAll(/"(\w+)"/g)].map(([, reason]) => reason);
  assert.deepEqual(reasons.sort(), [...DROP_REASONS].sort());
});

test("every close code the server uses is one the page knows", () => {
  const codes = [...python.matchAll(/^CLOSED_\w+: Final = (\d{4})$/gm)].map(([, code]) => Number(code));
  assert.ok(codes.length >= 6);
  for (const code of codes) assert.ok(Object.values(CLOSE_CODES).includes(code), String(code));
});
