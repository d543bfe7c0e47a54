import assert from "node:assert/strict";
import { test } from "node:test";

import { ExpressionHistory } from "../../static/js/live/expression_history.js";

const LABELS = ["happy", "sad"];

test("points of one quarter second are averaged", () => {
  const history = new ExpressionHistory(LABELS);
  history.add(1, 10, [1, 0]);
  history.add(1, 10.1, [0.5, 0.5]);
  assert.deepEqual(history.columns(1, 10), [[0], [0.75], [0.25]]);
});

test("times are seconds before now", () => {
  const history = new ExpressionHistory(LABELS);
  history.add(1, 10, [1, 0]);
  history.add(1, 12, [0, 1]);
  assert.deepEqual(history.columns(1, 12)[0].at(-1), 0);
  assert.deepEqual(history.columns(1, 12)[0][0], -2);
});

test("an absence leaves a gap", () => {
  const history = new ExpressionHistory(LABELS);
  history.add(1, 10, [1, 0]);
  history.add(1, 20, [0, 1]);
  assert.deepEqual(history.columns(1, 20)[1], [1, null, 0]);
  assert.deepEqual(history.means(1), [0.5, 0.5]);
});

function shown(history, times, seen) {
  for (const at of times) {
    history.resultSeen(at);
    if (seen(at)) history.add(1, at, [1, 0]);
  }
  return history.columns(1, times.at(-1))[1];
}

for (const stepS of [1 / 25, 1, 2, 5]) {
  test(`results ${stepS} s apart are one line`, () => {
    const times = Array.from({ length: 20 }, (_, number) => 100 + number * stepS);
    assert.ok(shown(new ExpressionHistory(LABELS), times, () => true).every((value) => value === 1));
  });
}

test("a face that is missing from the results leaves a gap, also where no other face is there", () => {
  const times = Array.from({ length: 10 }, (_, number) => 100 + number);
  assert.deepEqual(shown(new ExpressionHistory(LABELS), times, (at) => at < 104 || at > 106), [1, 1, 1, 1, null, 1, 1, 1]);
});

test("a long time without results is a gap", () => {
  assert.deepEqual(shown(new ExpressionHistory(LABELS), [100, 101, 131, 132], () => true), [1, 1, null, 1, 1]);
});

test("what is older than a minute is forgotten, and so is a face", () => {
  const history = new ExpressionHistory(LABELS);
  history.add(1, 0, [1, 0]);
  history.add(2, 30, [1, 0]);
  history.add(2, 61, [0, 1]);
  assert.deepEqual(history.columns(1, 61), [[], [], []]);
  assert.equal(history.columns(2, 61)[0].filter((time) => time < -60).length, 0);
});

test("it holds at most four points a second for a minute", () => {
  const history = new ExpressionHistory(LABELS);
  for (let at = 0; at < 300; at += 0.04) history.add(1, at, [0.5, 0.5]);
  assert.ok(history.columns(1, 300)[0].length <= 242);
});
