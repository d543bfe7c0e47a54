import assert from "node:assert/strict";
import { test } from "node:test";
import { TimeWindow } from "../../static/js/history/time_window.js";

const shown = (window) => [window.low, window.high];
const windowOf = (low, high, end = 100) => {
  const window = new TimeWindow(end);
  window.show(low, high);
  return window;
};

test("it shows the whole session at first", () => {
  const window = new TimeWindow(100);
  assert.deepEqual(shown(window), [0, 100]);
  assert.equal(window.whole, true);
});

test("zooming in keeps the moment at its place", () => {
  const window = new TimeWindow(100);
  window.zoomIn(20);
  assert.deepEqual(shown(window), [10, 60]);
  assert.equal(window.whole, false);
});

test("zooming out again comes back to the whole", () => {
  const window = windowOf(10, 60);
  window.zoomOut(20);
  assert.equal(window.whole, true);
});

test("a moment out of sight is not zoomed to: the middle is", () => {
  const window = windowOf(40, 60);
  window.zoomIn(90);
  assert.deepEqual(shown(window), [45, 55]);
});

test("a window shorter than five seconds is widened around its middle", () => {
  assert.deepEqual(shown(windowOf(50, 51)), [48, 53]);
});

test("a session shorter than that is always shown whole", () => {
  const window = new TimeWindow(3);
  window.zoomIn(1);
  assert.deepEqual(shown(window), [0, 3]);
});

test("a window never leaves the session", () => {
  assert.deepEqual(shown(windowOf(-20, 10)), [0, 30]);
  assert.deepEqual(shown(windowOf(95, 120)), [75, 100]);
  assert.deepEqual(shown(windowOf(-50, 500)), [0, 100]);
});

test("it moves just far enough to contain a moment", () => {
  const window = windowOf(40, 60);
  window.contain(50);
  assert.deepEqual(shown(window), [40, 60]);
  window.contain(65);
  assert.deepEqual(shown(window), [45, 65]);
  window.contain(10);
  assert.deepEqual(shown(window), [10, 30]);
});
