import assert from "node:assert/strict";
import { test } from "node:test";

import { FramePacer } from "../../static/js/live/frame_pacer.js";
import { FakeClock } from "./support/fake_clock.js";

function pacer({ credit = 2, fps = 25 } = {}) {
  const clock = new FakeClock();
  const made = new FramePacer(clock);
  Object.assign(made, { credit, fps });
  clock.pass(1000);
  return { pacer: made, clock };
}

function send(pacer) {
  const seq = pacer.reserve();
  pacer.sent(seq);
  return seq;
}

test("seq rises from 1", () => {
  const { pacer: one, clock } = pacer();
  const first = send(one);
  clock.pass(100);
  assert.deepEqual([first, send(one)], [1, 2]);
});

test("it never has more than its credit unanswered", () => {
  const { pacer: one, clock } = pacer({ credit: 2 });
  let most = 0;
  for (let frame = 0; frame < 300; frame += 1) {
    clock.pass(33);
    if (one.ready) send(one);
    most = Math.max(most, one.unanswered);
    if (frame % 4 === 3) one.answer(one.answeredSeq + 1);
  }
  assert.equal(most, 2);
});

test("a frame being encoded counts", () => {
  const { pacer: one, clock } = pacer({ credit: 1 });
  one.reserve();
  clock.pass(1000);
  assert.equal(one.ready, false);
});

test("a frame that was not sent gives its place back", () => {
  const { pacer: one, clock } = pacer({ credit: 1 });
  one.cancel(one.reserve());
  clock.pass(1000);
  assert.equal(one.ready, true);
});

test("an answer gives the round-trip time and moves answered up", () => {
  const { pacer: one, clock } = pacer();
  const seq = send(one);
  clock.pass(42);
  assert.equal(one.answer(seq), 42);
  assert.equal(one.answeredSeq, seq);
});

test("an answer to a frame it does not know changes nothing", () => {
  const { pacer: one } = pacer();
  assert.equal(one.answer(99), null);
  assert.equal(one.answeredSeq, 0);
});

test("answered stays at the highest when answers come out of order", () => {
  const { pacer: one, clock } = pacer();
  const first = send(one);
  clock.pass(100);
  const second = send(one);
  one.answer(second);
  one.answer(first);
  assert.equal(one.answeredSeq, second);
});

test("the pace holds over a camera that is quicker", () => {
  const { pacer: one, clock } = pacer({ credit: 1000, fps: 20 });
  let sent = 0;
  for (let at = 0; at < 10_000; at += 1000 / 30) {
    clock.pass(1000 / 30);
    if (one.ready) sent += 1;
    if (one.ready) send(one);
  }
  assert.ok(sent >= 195 && sent <= 202, String(sent));
});

test("a rest is not caught up by a burst", () => {
  const { pacer: one, clock } = pacer({ credit: 100, fps: 10 });
  send(one);
  clock.pass(5000);
  send(one);
  assert.equal(one.ready, false);
});

test("a new socket owes nothing but goes on counting", () => {
  const { pacer: one, clock } = pacer();
  one.answer(send(one));
  clock.pass(100);
  send(one);
  one.reset();
  assert.equal(one.unanswered, 0);
  assert.equal(one.answeredSeq, 0);
  assert.equal(send(one), 3);
});

test("it reports how long the oldest frame has waited", () => {
  const { pacer: one, clock } = pacer();
  assert.equal(one.oldestWaitMs, 0);
  send(one);
  clock.pass(700);
  assert.equal(one.oldestWaitMs, 700);
});
