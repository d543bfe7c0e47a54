import assert from "node:assert/strict";
import { test } from "node:test";

import { SlowWatch } from "../../static/js/live/slow_watch.js";
import { FakeClock } from "./support/fake_clock.js";

function watch() {
  const clock = new FakeClock();
  const said = [];
  const one = new SlowWatch({ slownessChanged: (cause) => said.push(cause) }, clock);
  /** Results for `seconds`, `fps` of them each second. */
  const results = (seconds, fps, latencyMs, serverMs = 30) => {
    for (let result = 0; result < seconds * fps; result += 1) {
      clock.pass(1000 / fps);
      one.resultSeen(latencyMs, serverMs);
    }
  };
  return { watch: one, said, results };
}

for (const fps of [0.2, 1, 3]) {
  test(`late results over a slow connection are said within some seconds (${fps} fps)`, () => {
    const { said, results } = watch();
    results(15, fps, 1500);
    assert.deepEqual(said, ["connection"]);
  });
}

test("a server that takes most of the time is named instead", () => {
  const { said, results } = watch();
  results(10, 1, 1500, 1200);
  assert.deepEqual(said, ["server"]);
});

for (const [name, latencyMs] of [["a fast connection", 60], ["one to the other end of the world", 500]]) {
  test(`${name} is never called slow`, () => {
    const { said, results } = watch();
    results(60, 10, latencyMs);
    assert.deepEqual(said, []);
  });
}

test("one late result, or a short stall, says nothing", () => {
  const { said, results } = watch();
  results(5, 25, 60);
  for (let stall = 0; stall < 5; stall += 1) {
    results(3, 1 / 3, 3000);
    results(10, 25, 60);
  }
  assert.deepEqual(said, []);
});

test("it is taken back once results have been fast for a while", () => {
  const { said, results } = watch();
  results(15, 1, 1500);
  results(8, 25, 60);
  assert.deepEqual(said, ["connection"]);
  results(8, 25, 60);
  assert.deepEqual(said, ["connection", null]);
});

test("a connection that is now slow, now fast, does not make it flicker", () => {
  const { said, results } = watch();
  for (let round = 0; round < 20; round += 1) {
    results(5, 1, 1500);
    results(5, 5, 300);
  }
  assert.ok(said.length <= 1, String(said));
});

test("a pause or another session starts without it", () => {
  const { watch: one, said, results } = watch();
  results(15, 1, 1500);
  one.reset();
  results(1, 1, 1500);
  assert.deepEqual(said, ["connection", null]);
});
