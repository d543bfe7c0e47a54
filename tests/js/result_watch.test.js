import assert from "node:assert/strict";
import { test } from "node:test";

import { ResultWatch } from "../../static/js/live/result_watch.js";
import { FakeClock } from "./support/fake_clock.js";

function watch() {
  const clock = new FakeClock();
  const said = [];
  return { clock, said, watch: new ResultWatch({ resultsStale: (stale) => said.push(stale) }, clock) };
}

test("two seconds without a result are said once, and the first result after them too", () => {
  const { watch: one, clock, said } = watch();
  one.wait();
  one.resultSeen();
  clock.pass(1999);
  assert.deepEqual(said, []);
  clock.pass(1);
  clock.pass(30 * 1000);
  assert.deepEqual(said, [true]);
  one.resultSeen();
  assert.deepEqual(said, [true, false]);
});

test("results in time say nothing", () => {
  const { watch: one, clock, said } = watch();
  one.wait();
  for (let result = 0; result < 20; result += 1) {
    clock.pass(1900);
    one.resultSeen();
  }
  assert.deepEqual(said, []);
});

test("a session that never gets a result is said as well", () => {
  const { watch: one, clock, said } = watch();
  one.wait();
  clock.pass(2000);
  assert.deepEqual(said, [true]);
});

test("a lost connection does not start the time again", () => {
  const { watch: one, clock, said } = watch();
  one.resultSeen();
  clock.pass(1500);
  one.wait(); // reconnecting
  clock.pass(500);
  one.wait(); // live again, without a result
  assert.deepEqual(said, [true]);
  clock.pass(5000);
  one.wait();
  assert.deepEqual(said, [true]);
});

test("no result is due in a pause, and the time starts with its end", () => {
  const { watch: one, clock, said } = watch();
  one.resultSeen();
  one.hold();
  clock.pass(60 * 1000);
  one.wait();
  clock.pass(1999);
  assert.deepEqual(said, []);
  clock.pass(1);
  assert.deepEqual(said, [true]);
});

test("what was old before a pause is old in it", () => {
  const { watch: one, clock, said } = watch();
  one.wait();
  clock.pass(2000);
  one.hold();
  assert.deepEqual(said, [true]);
});

test("the end of a session takes it back", () => {
  const { watch: one, clock, said } = watch();
  one.wait();
  clock.pass(2000);
  one.reset();
  clock.pass(60 * 1000);
  assert.deepEqual(said, [true, false]);
});
