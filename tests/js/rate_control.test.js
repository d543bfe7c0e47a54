import assert from "node:assert/strict";
import { test } from "node:test";

import { RateControl } from "../../static/js/live/rate_control.js";

function seconds(rate, count, roundTripMs) {
  for (let second = 0; second < count; second += 1) {
    for (let frame = 0; frame < 5; frame += 1) rate.answered(roundTripMs);
    rate.adjust();
  }
}

function values({ fps, maxSide, jpegQuality }) {
  return { fps, maxSide, jpegQuality };
}

test("on a quick line it stays at its best", () => {
  const rate = new RateControl();
  const best = values(rate);
  seconds(rate, 10, 40);
  assert.deepEqual(values(rate), best);
});

test("a slow second takes a quarter of the frames away and leaves the picture", () => {
  const rate = new RateControl();
  seconds(rate, 1, 40);
  seconds(rate, 1, 400);
  assert.deepEqual(values(rate), { fps: 18.75, maxSide: 640, jpegQuality: 0.8 });
});

test("a line that stays slow shrinks the picture too, down to a floor", () => {
  const rate = new RateControl();
  seconds(rate, 1, 40);
  seconds(rate, 60, 900);
  assert.deepEqual(values(rate), { fps: 4, maxSide: 320, jpegQuality: 0.5 });
});

test("it climbs back step by step", () => {
  const rate = new RateControl();
  seconds(rate, 1, 40);
  seconds(rate, 2, 400);
  const low = rate.fps;
  seconds(rate, 1, 40);
  assert.equal(rate.fps, low + 1);
  seconds(rate, 60, 40);
  assert.deepEqual(values(rate), { fps: 25, maxSide: 640, jpegQuality: 0.8 });
});

test("a visitor far away is not slow", () => {
  const rate = new RateControl();
  seconds(rate, 10, 320);
  assert.equal(rate.fps, 25);
});

test("bytes left in the socket count as slow", () => {
  const rate = new RateControl();
  rate.answered(40);
  rate.backlogSeen();
  rate.adjust();
  assert.ok(rate.fps < 25);
});

test("a second without answers changes nothing", () => {
  const rate = new RateControl();
  seconds(rate, 1, 400);
  const before = values(rate);
  rate.adjust();
  assert.deepEqual(values(rate), before);
});

test("a hint is a ceiling, and a later one lets it rise again slowly", () => {
  const rate = new RateControl();
  rate.limit({ fps: 8, maxSide: 480, jpegQuality: 0.6 });
  seconds(rate, 20, 40);
  assert.deepEqual(values(rate), { fps: 8, maxSide: 480, jpegQuality: 0.6 });
  rate.limit({ fps: 30, maxSide: 1920, jpegQuality: 0.8 });
  assert.equal(rate.fps, 8);
  seconds(rate, 60, 40);
  assert.equal(rate.fps, 25);
});

test("a hint below the floor is kept to", () => {
  const rate = new RateControl();
  rate.limit({ fps: 2 });
  seconds(rate, 3, 900);
  assert.ok(rate.fps <= 2);
});
