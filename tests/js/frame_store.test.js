import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameStore } from "../../static/js/live/frame_store.js";

function bitmap() {
  return { closed: 0, close() { this.closed += 1; } };
}

test("a picture is handed over once and stays open", () => {
  const store = new FrameStore();
  const picture = bitmap();
  store.put(1, picture);
  assert.equal(store.take(1), picture);
  assert.equal(store.take(1), null);
  assert.equal(picture.closed, 0);
});

test("the oldest is closed when it is full", () => {
  const store = new FrameStore();
  const pictures = Array.from({ length: 6 }, bitmap);
  pictures.forEach((picture, index) => store.put(index + 1, picture));
  assert.deepEqual(pictures.map(({ closed }) => closed), [1, 1, 0, 0, 0, 0]);
  assert.equal(store.size, 4);
});

test("clearing closes all, twice is harmless", () => {
  const store = new FrameStore();
  const picture = bitmap();
  store.put(1, picture);
  store.clear();
  store.clear();
  assert.equal(picture.closed, 1);
});
