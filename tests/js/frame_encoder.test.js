import assert from "node:assert/strict";
import { test } from "node:test";

import { FrameEncoder, scaledSize } from "../../static/js/live/frame_encoder.js";
import { FakeClock } from "./support/fake_clock.js";

const VIDEO = { videoWidth: 1280, videoHeight: 720 };
const OPTIONS = { maxSide: 640, jpegQuality: 0.8 };

function coder(clock, ms, { broken = false } = {}) {
  return {
    frames: 0,
    stopped: false,
    async encode() {
      if (broken) throw new Error("no worker here");
      clock.pass(ms);
      this.frames += 1;
      return { bytes: new ArrayBuffer(8), bitmap: {} };
    },
    stop() { this.stopped = true; },
  };
}

async function encode(count, { workerMs, canvasMs, broken }) {
  const clock = new FakeClock();
  const worker = coder(clock, workerMs, { broken });
  const canvas = coder(clock, canvasMs);
  const encoder = new FrameEncoder(clock, { worker, canvas });
  let frame;
  for (let index = 0; index < count; index += 1) frame = await encoder.encode(VIDEO, OPTIONS);
  return { encoder, worker, canvas, frame };
}

test("sides shrink to the longest allowed and keep their shape", () => {
  assert.deepEqual(scaledSize(1280, 720, 640), { width: 640, height: 360 });
  assert.deepEqual(scaledSize(480, 640, 320), { width: 240, height: 320 });
});

test("a small picture is not enlarged", () => {
  assert.deepEqual(scaledSize(320, 240, 640), { width: 320, height: 240 });
});

test("a frame carries its size and the moment of capture", async () => {
  const { frame } = await encode(1, { workerMs: 5, canvasMs: 5 });
  assert.deepEqual([frame.width, frame.height, frame.capturedMs], [640, 360, 0]);
});

test("a quick worker does it all", async () => {
  const { worker, canvas } = await encode(20, { workerMs: 10, canvasMs: 1 });
  assert.deepEqual([worker.frames, canvas.frames], [20, 0]);
});

test("a slow worker is kept where the canvas is no better", async () => {
  const { encoder } = await encode(20, { workerMs: 60, canvasMs: 50 });
  assert.equal(encoder.inWorker, true);
});

test("a slow worker gives way to a quick canvas, measured once", async () => {
  const { encoder, worker, canvas } = await encode(20, { workerMs: 90, canvasMs: 8 });
  assert.equal(encoder.inWorker, false);
  assert.equal(worker.stopped, true);
  assert.deepEqual([worker.frames, canvas.frames], [4, 16]);
});

test("where the worker does not start the canvas takes over at once", async () => {
  const { canvas } = await encode(3, { workerMs: 0, canvasMs: 8, broken: true });
  assert.equal(canvas.frames, 3);
});
