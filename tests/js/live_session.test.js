import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeHeader } from "../../static/js/protocol.js";
import { LiveSession } from "../../static/js/live/live_session.js";
import { FakeClock } from "./support/fake_clock.js";
import { WELCOME, fakeSocketClass, settle } from "./support/fake_socket.js";

const FRAME_MS = 1000 / 30;

class Page {
  states = [];
  notices = [];
  seen = [];
  drops = [];
  ends = [];
  helloFields = { consent: "c" };

  stateChanged(state) { this.states.push(state); }
  noticed(code) { this.notices.push(code); }
  facesSeen(result, bitmap) { this.seen.push({ seq: result.seq, bitmap }); }
  frameDropped(reason) { this.drops.push(reason); }
  ended(url, session) { this.ends.push(url ?? session); }
  welcomed() {}
  settingsChanged() {}
  statsReceived() {}
  camerasChanged() {}
}

class FakeVideo {
  videoWidth = 1280;
  videoHeight = 720;
  srcObject = null;
  #callback = null;

  async play() {}
  requestVideoFrameCallback(callback) { this.#callback = callback; return 1; }
  cancelVideoFrameCallback() { this.#callback = null; }
  present() { this.#callback?.(); }
}

function fakeDevices() {
  const track = { stopped: false, stop() { this.stopped = true; }, addEventListener() {}, getSettings: () => ({}) };
  return { track, getUserMedia: async () => ({ getTracks: () => [track], getVideoTracks: () => [track] }), enumerateDevices: async () => [] };
}

async function started() {
  const clock = new FakeClock();
  const page = new Page();
  const video = new FakeVideo();
  const Socket = fakeSocketClass();
  const devices = fakeDevices();
  const bitmaps = [];
  const makeEncoder = () => ({
    async encode() {
      const bitmap = { closed: false, close() { this.closed = true; } };
      bitmaps.push(bitmap);
      return { bytes: new ArrayBuffer(100), bitmap, width: 640, height: 360, capturedMs: clock.now() };
    },
    stop() {},
  });
  const session = new LiveSession(page, {
    video, clock, url: "ws://here", WebSocket: Socket, probe: async () => true, mediaDevices: devices, secure: true, makeEncoder,
  });
  session.start();
  await settle();
  return { clock, page, video, Socket, track: devices.track, session, bitmaps };
}

async function live() {
  const all = await started();
  all.Socket.last.accept();
  all.Socket.last.say(WELCOME);
  return all;
}

async function capture({ clock, video }, frames) {
  for (let frame = 0; frame < frames; frame += 1) {
    clock.pass(FRAME_MS);
    video.present();
    await settle();
  }
}

function frames(socket) {
  return socket.sent.filter((message) => typeof message !== "string").map((message) => decodeHeader(message));
}

function answer(socket, seq) {
  socket.say({ type: "result", seq, captured_ms: 0, faces: [] });
}

test("the camera comes first, then the connection, then it is live", async () => {
  const all = await started();
  assert.deepEqual(all.page.states, ["starting"]);
  all.Socket.last.accept();
  all.Socket.last.say(WELCOME);
  assert.deepEqual(all.page.states, ["starting", "live"]);
});

test("no frame leaves before the welcome", async () => {
  const all = await started();
  await capture(all, 30);
  assert.equal(frames(all.Socket.last).length, 0);
});

test("two frames go out and no third until one is answered", async () => {
  const all = await live();
  await capture(all, 30);
  assert.deepEqual(frames(all.Socket.last).map(({ seq }) => seq), [1, 2]);
  answer(all.Socket.last, 1);
  await capture(all, 30);
  assert.deepEqual(frames(all.Socket.last).at(-1), { version: 1, flags: 0, seq: 3, capturedMs: frames(all.Socket.last).at(-1).capturedMs, width: 640, height: 360, answered: 1 });
  assert.equal(frames(all.Socket.last).length, 3);
});

test("frames that fail one after the other are reported in one line, until there is a result", async () => {
  const all = await live();
  const before = all.page.notices.length;
  for (let seq = 1; seq <= 5; seq += 1) {
    await capture(all, 30);
    all.Socket.last.say({ type: "drop", seq, reason: "failed" });
  }
  assert.deepEqual(all.page.notices.slice(before), ["unanswered"]);
  await capture(all, 30);
  answer(all.Socket.last, 6);
  assert.deepEqual(all.page.notices.slice(before), ["unanswered", null]);
});

test("a hint may ask for a smaller credit", async () => {
  const all = await live();
  all.Socket.last.say({ type: "hint", fps: 10, max_side: 480, jpeg_quality: 0.6, credit: 1 });
  await capture(all, 30);
  assert.equal(frames(all.Socket.last).length, 1);
});

test("the boxes arrive with the picture they belong to", async () => {
  const all = await live();
  await capture(all, 10);
  answer(all.Socket.last, 2);
  assert.deepEqual(all.page.seen, [{ seq: 2, bitmap: all.bitmaps[1] }]);
  assert.equal(all.bitmaps[1].closed, false);
});

test("the picture of a dropped frame is closed and its place is free", async () => {
  const all = await live();
  await capture(all, 10);
  all.Socket.last.say({ type: "drop", seq: 1, reason: "stale" });
  assert.equal(all.bitmaps[0].closed, true);
  assert.deepEqual(all.page.drops, ["stale"]);
  await capture(all, 10);
  assert.equal(frames(all.Socket.last).length, 3);
});

test("an error that carries a seq is the answer to that frame", async () => {
  const all = await live();
  await capture(all, 10);
  all.Socket.last.say({ type: "error", code: "bad_seq", message: "", seq: 1 });
  await capture(all, 10);
  assert.equal(frames(all.Socket.last).length, 3);
});

test("a hidden tab pauses and goes on when it is back", async () => {
  const all = await live();
  all.session.pause("hidden");
  await capture(all, 30);
  assert.equal(frames(all.Socket.last).length, 0);
  all.session.unpause("hidden");
  await capture(all, 10);
  assert.deepEqual(all.Socket.last.messages().map(({ type }) => type), ["hello", "pause", "unpause"]);
  assert.ok(frames(all.Socket.last).length > 0);
});

test("a tab that comes back stays paused when the visitor paused it", async () => {
  const all = await live();
  all.session.pause("user");
  all.session.pause("hidden");
  all.session.unpause("hidden");
  assert.equal(all.session.state, "paused");
  assert.equal(all.Socket.last.messages("unpause").length, 0);
});

test("a pause outlives a lost connection", async () => {
  const all = await live();
  all.session.pause("user");
  all.Socket.last.hangUp(1006);
  all.clock.pass(700);
  all.Socket.last.accept();
  all.Socket.last.say({ ...WELCOME, resumed: true });
  assert.equal(all.Socket.last.messages("pause").length, 1);
  assert.equal(all.session.state, "paused");
});

test("a session that is suspended says no goodbye and is resumed by its token", async () => {
  const all = await live();
  const token = all.session.suspend();
  assert.equal(token, "token-1");
  assert.equal(all.Socket.last.messages("bye").length, 0);
  assert.deepEqual([all.Socket.last.closed, all.track.stopped, all.session.state], [true, true, "idle"]);
  assert.equal(all.session.suspend(), null);

  all.session.start(null, token);
  await settle();
  all.Socket.last.accept();
  assert.equal(all.Socket.last.messages("hello")[0].resume, "token-1");
});

test("a session that was stopped, or never welcomed, has no token", async () => {
  const stopped = await live();
  stopped.session.stop();
  assert.equal(stopped.session.suspend(), null);
  const never = await started();
  assert.equal(never.session.suspend(), null);
});

test("a new session after a resumed one asks for none", async () => {
  const all = await live();
  all.session.start(null, all.session.suspend());
  await settle();
  all.session.stop();
  all.session.start();
  await settle();
  all.Socket.last.accept();
  assert.equal(all.Socket.last.messages("hello")[0].resume, undefined);
});

test("after a lost connection it goes on with fresh credit and answered 0", async () => {
  const all = await live();
  await capture(all, 10);
  answer(all.Socket.last, 1);
  all.Socket.last.hangUp(1001);
  assert.deepEqual([all.session.state, all.page.notices.at(-1)], ["reconnecting", "reconnecting"]);
  all.clock.pass(700);
  all.Socket.last.accept();
  all.Socket.last.say({ ...WELCOME, resumed: true });
  await capture(all, 10);
  const sent = frames(all.Socket.last);
  assert.equal(sent.length, 2);
  assert.ok(sent[0].seq > 2);
  assert.equal(sent[0].answered, 0);
  assert.equal(all.page.notices.at(-1), null);
});

test("a frame encoded while the connection was lost is not sent over the next one", async () => {
  const all = await live();
  all.clock.pass(FRAME_MS);
  all.video.present();
  all.Socket.last.hangUp(1006);
  await settle();
  assert.equal(all.bitmaps[0].closed, true);
});

test("frames that nobody answers for ten seconds mean a dead line", async () => {
  const all = await live();
  await capture(all, 10);
  for (let second = 0; second < 13; second += 1) {
    all.clock.pass(1000);
    all.Socket.last.say({ type: "stats" });
  }
  assert.ok(all.page.states.includes("reconnecting"));
});

test("stop says goodbye, ends the camera and names the session", async () => {
  const all = await live();
  all.session.stop();
  all.session.stop();
  assert.equal(all.track.stopped, true);
  assert.equal(all.Socket.last.messages("bye").length, 1);
  assert.equal(all.session.state, "stopped");
  all.Socket.last.say({ type: "bye", session: "s1", history_url: "/history/s1/", reason: "bye" });
  assert.deepEqual(all.page.ends, ["s1", "/history/s1/"]);
  assert.equal(all.page.notices.at(-1), "stopped");
});

test("a stop before the welcome leaves no session behind", async () => {
  const all = await started();
  all.session.stop();
  assert.equal(all.session.state, "idle");
  assert.deepEqual(all.page.ends, []);
});

test("a start right after a stop is a new session", async () => {
  const all = await live();
  all.session.stop();
  all.session.start();
  await settle();
  assert.equal(all.Socket.all.length, 2);
  all.Socket.last.accept();
  all.Socket.last.say({ ...WELCOME, session: "s2" });
  assert.equal(all.session.state, "live");
});

test("an ending by the server switches the camera off and says why", async () => {
  const all = await live();
  all.Socket.last.hangUp(4409);
  assert.deepEqual([all.session.state, all.page.notices.at(-1)], ["error", "elsewhere"]);
  assert.equal(all.track.stopped, true);
});

test("a full server keeps it starting", async () => {
  const all = await started();
  all.Socket.last.accept();
  all.Socket.last.hangUp(4503);
  assert.deepEqual([all.session.state, all.page.notices.at(-1)], ["starting", "capacity"]);
});
