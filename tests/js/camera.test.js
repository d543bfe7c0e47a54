import assert from "node:assert/strict";
import { test } from "node:test";

import { Camera } from "../../static/js/live/camera.js";

function failure(name) {
  return Object.assign(new Error(name), { name });
}

function fakeStream() {
  const track = {
    stopped: false,
    stop() { this.stopped = true; },
    addEventListener(_type, listener) { this.end = listener; },
    getSettings: () => ({ deviceId: "front" }),
  };
  return { track, getTracks: () => [track], getVideoTracks: () => [track] };
}

function camera({ answers, secure = true, mediaDevices }) {
  const news = [];
  const asked = [];
  const delegate = {
    cameraStarted: () => news.push("started"),
    cameraFailed: (notice) => news.push(notice),
    camerasChanged: (cameras) => news.push(`${cameras.length} camera`),
  };
  const devices = {
    async getUserMedia(options) {
      asked.push(options.video.deviceId?.exact ?? null);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
    enumerateDevices: async () => [{ kind: "videoinput", deviceId: "front" }, { kind: "audioinput", deviceId: "mic" }],
  };
  const video = { srcObject: null, play: async () => {} };
  return { camera: new Camera(delegate, { video, mediaDevices: mediaDevices === undefined ? devices : mediaDevices, secure }), news, asked, video };
}

const NOTICES = {
  NotAllowedError: "camera-denied", SecurityError: "camera-denied", NotFoundError: "camera-none",
  NotReadableError: "camera-busy", AbortError: "camera-busy",
};
for (const [name, notice] of Object.entries(NOTICES)) {
  test(`${name} is reported as ${notice}`, async () => {
    const { camera: one, news } = camera({ answers: [failure(name)] });
    await one.start();
    assert.deepEqual(news, [notice]);
  });
}

test("an insecure address is distinguished from an old browser", async () => {
  const insecure = camera({ answers: [], mediaDevices: null, secure: false });
  await insecure.camera.start();
  const old = camera({ answers: [], mediaDevices: null, secure: true });
  await old.camera.start();
  assert.deepEqual([insecure.news, old.news], [["insecure"], ["unsupported"]]);
});

test("a camera that is gone gives way to any other", async () => {
  const { camera: one, asked, news } = camera({ answers: [failure("OverconstrainedError"), fakeStream()] });
  await one.start("old");
  assert.deepEqual(asked, ["old", null]);
  assert.equal(news[0], "started");
});

test("stopping ends the track and empties the picture, twice is harmless", async () => {
  const stream = fakeStream();
  const { camera: one, video } = camera({ answers: [stream] });
  await one.start();
  one.stop();
  one.stop();
  assert.equal(stream.track.stopped, true);
  assert.equal(video.srcObject, null);
});

test("a camera allowed after a stop is switched off at once", async () => {
  const stream = fakeStream();
  const { camera: one, news } = camera({ answers: [stream] });
  const started = one.start();
  one.stop();
  await started;
  assert.equal(stream.track.stopped, true);
  assert.deepEqual(news, []);
});

test("a camera that is pulled out is reported", async () => {
  const stream = fakeStream();
  const { camera: one, news } = camera({ answers: [stream] });
  await one.start();
  stream.track.end();
  assert.ok(news.includes("camera-lost"));
});
