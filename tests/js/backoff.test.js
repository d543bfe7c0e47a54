import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../../static/js/lib/backoff.js";

function waits(backoff, count) {
  return Array.from({ length: count }, () => backoff.next());
}

test("waits double from half a second to eight", () => {
  assert.deepEqual(waits(new Backoff({ random: () => 0.5 }), 7), [500, 1000, 2000, 4000, 8000, 8000, 8000]);
});

test("jitter spreads a wait by a quarter either way", () => {
  assert.equal(new Backoff({ random: () => 0 }).next(), 375);
  assert.equal(new Backoff({ random: () => 1 }).next(), 625);
});

test("a success restarts the sequence", () => {
  const backoff = new Backoff({ random: () => 0.5 });
  waits(backoff, 4);
  backoff.reset();
  assert.equal(backoff.next(), 500);
});
