import assert from "node:assert/strict";
import { test } from "node:test";

import { Connection } from "../../static/js/live/connection.js";
import { FakeClock } from "./support/fake_clock.js";
import { WELCOME, fakeSocketClass, settle } from "./support/fake_socket.js";

class Listener {
  news = [];
  helloFields = { consent: "c" };

  connectionWelcomed(welcome) { this.news.push(["welcomed", welcome.session]); }
  connectionReceived(message) { this.news.push(["received", message.type]); }
  connectionSlow() { this.news.push(["slow"]); }
  connectionInterrupted(notice, ms) { this.news.push(["interrupted", notice, ms]); }
  connectionEnded(notice) { this.news.push(["ended", notice]); }

  helloRefused(error) {
    this.news.push(["hello refused", error.code]);
    this.helloFields = { consent: "c", model: "m" };
  }
}

function connect({ serverAnswers = true } = {}) {
  const clock = new FakeClock();
  const listener = new Listener();
  const Socket = fakeSocketClass();
  const server = { answers: serverAnswers };
  const options = { url: "ws://here/ws/live/", WebSocket: Socket, clock, probe: async () => server.answers, random: () => 0.5 };
  const connection = new Connection(listener, options);
  connection.start();
  return { clock, connection, listener, Socket, server };
}

function welcomed() {
  const all = connect();
  all.Socket.last.accept();
  all.Socket.last.say(WELCOME);
  return all;
}

test("it opens with the subprotocol and says hello first", () => {
  const { connection, Socket } = connect();
  assert.equal(connection.state, "opening");
  assert.equal(Socket.last.subprotocol, "emotion.v1");
  Socket.last.accept();
  assert.deepEqual(Socket.last.messages(), [{ type: "hello", version: 1, consent: "c" }]);
  assert.equal(connection.state, "greeting");
});

test("a welcome opens it", () => {
  const { connection, listener } = welcomed();
  assert.equal(connection.state, "open");
  assert.deepEqual(listener.news, [["welcomed", "s1"]]);
});

test("nothing but hello leaves before the welcome", () => {
  const { connection, Socket } = connect();
  Socket.last.accept();
  assert.equal(connection.send("pause"), false);
  assert.equal(connection.sendFrame(new ArrayBuffer(30)), false);
  assert.equal(Socket.last.sent.length, 1);
});

test("nothing leaves through a socket that is about to close", () => {
  const { connection, Socket } = welcomed();
  Socket.last.startToHangUp();
  assert.equal(connection.send("pause"), false);
  assert.equal(connection.sendFrame(new ArrayBuffer(30)), false);
  assert.equal(Socket.last.sent.length, 1);
});

test("a slow welcome is reported once, since the server may be starting", () => {
  const { clock, listener, Socket } = connect();
  Socket.last.accept();
  clock.pass(1600);
  clock.pass(1600);
  assert.deepEqual(listener.news, [["slow"]]);
});

for (const code of [1001, 1006, 1011, 1012]) {
  test(`after ${code} it comes back and goes on with the session`, () => {
    const { clock, connection, listener, Socket } = welcomed();
    Socket.last.hangUp(code);
    assert.deepEqual(listener.news.at(-1), ["interrupted", "reconnecting", 500]);
    assert.equal(connection.state, "waiting");
    clock.pass(500);
    Socket.last.accept();
    assert.equal(Socket.last.messages("hello")[0].resume, "token-1");
    Socket.last.say({ ...WELCOME, resumed: true });
    assert.equal(connection.state, "open");
  });
}

test("waits grow while the server is away, and a welcome resets them", async () => {
  const { clock, listener, Socket, server } = welcomed();
  server.answers = false;
  Socket.last.hangUp(1006);
  for (const ms of [500, 1000, 2000]) {
    clock.pass(ms);
    Socket.last.hangUp(1006);
    await settle();
  }
  const waits = listener.news.filter(([what]) => what === "interrupted").map(([, , ms]) => ms);
  assert.deepEqual(waits, [500, 1000, 2000, 4000]);
  clock.pass(4000);
  Socket.last.accept();
  Socket.last.say(WELCOME);
  Socket.last.hangUp(1006);
  assert.equal(listener.news.at(-1)[2], 500);
});

test("after settings it resumes with the newest token", () => {
  const { clock, Socket } = welcomed();
  Socket.last.say({ type: "settings", session: "s2", resume: "token-2", labels: ["happy"] });
  Socket.last.hangUp(1006);
  clock.pass(500);
  Socket.last.accept();
  assert.equal(Socket.last.messages("hello")[0].resume, "token-2");
});

const ENDS = { 1009: "protocol", 4400: "protocol", 4401: "consent", 4408: "idle", 4409: "elsewhere", 4429: "flood" };
for (const [code, notice] of Object.entries(ENDS)) {
  test(`after ${code} it stays away and says ${notice}`, () => {
    const { clock, connection, listener, Socket } = welcomed();
    Socket.last.hangUp(Number(code));
    clock.pass(60_000);
    assert.deepEqual(listener.news.at(-1), ["ended", notice]);
    assert.equal(connection.state, "closed");
    assert.equal(Socket.all.length, 1);
  });
}

test("a full server is asked again every ten seconds", () => {
  const { clock, listener, Socket } = connect();
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    Socket.last.accept();
    Socket.last.hangUp(4503);
    assert.deepEqual(listener.news.at(-1), ["interrupted", "capacity", 10_000]);
    clock.pass(9_999);
    assert.equal(Socket.all.length, attempt);
    clock.pass(1);
    assert.equal(Socket.all.length, attempt + 1);
  }
});

test("4503 after a long wait means that the server still starts", () => {
  const { clock, listener, Socket } = connect();
  Socket.last.accept();
  clock.pass(30_000);
  Socket.last.hangUp(4503);
  assert.equal(listener.news.at(-1)[1], "starting");
});

test("a handshake refused twice by a living server is not tried for ever", async () => {
  const { clock, connection, listener, Socket } = connect();
  Socket.last.hangUp(1006);
  await settle();
  clock.pass(500);
  Socket.last.hangUp(1006);
  await settle();
  clock.pass(60_000);
  assert.deepEqual(listener.news.at(-1), ["ended", "cookies"]);
  assert.equal(connection.state, "closed");
  assert.equal(Socket.all.length, 2);
});

test("a server that is away is no refusal", async () => {
  const { clock, connection, listener, Socket } = connect({ serverAnswers: false });
  for (let attempt = 0; attempt < 6; attempt += 1) {
    Socket.last.hangUp(1006);
    await settle();
    clock.pass(8000);
  }
  assert.equal(connection.state, "opening");
  assert.ok(listener.news.every(([what, notice]) => what === "interrupted" && notice === "unreachable"));
});

test("one refusal at the very moment of a restart is forgiven", async () => {
  const { clock, connection, Socket } = connect();
  Socket.last.hangUp(1006);
  await settle();
  clock.pass(500);
  Socket.last.accept();
  Socket.last.say(WELCOME);
  assert.equal(connection.state, "open");
});

test("leaving says goodbye and waits for the answer", () => {
  const { connection, listener, Socket } = welcomed();
  connection.leave();
  assert.equal(Socket.last.messages("bye").length, 1);
  Socket.last.say({ type: "bye", session: "s1", history_url: "/history/s1/", reason: "bye" });
  Socket.last.hangUp(1000);
  assert.deepEqual(listener.news.slice(1), [["received", "bye"], ["ended", "stopped"]]);
});

test("a goodbye without an answer ends after two seconds", () => {
  const { clock, connection, listener } = welcomed();
  connection.leave();
  clock.pass(2000);
  assert.deepEqual(listener.news.at(-1), ["ended", "stopped"]);
});

test("a start after a stop is a new session", () => {
  const { connection, Socket } = welcomed();
  connection.stop();
  connection.stop();
  connection.start();
  Socket.last.accept();
  assert.equal(Socket.last.messages("hello")[0].resume, undefined);
});

test("news of a socket that was let go is not heard", () => {
  const { connection, listener, Socket } = welcomed();
  const old = Socket.last;
  connection.stop();
  old.say(WELCOME);
  old.hangUp(1006);
  assert.equal(listener.news.length, 1);
});

test("a model that is gone is left out of a second hello", () => {
  const { connection, listener, Socket } = connect();
  Socket.last.accept();
  Socket.last.say({ type: "error", code: "unknown_model", message: "Choose another." });
  assert.deepEqual(listener.news, [["hello refused", "unknown_model"]]);
  assert.equal(Socket.last.messages("hello")[1].model, "m");
  Socket.last.say(WELCOME);
  assert.equal(connection.state, "open");
});

test("a second refused hello ends it", () => {
  const { listener, Socket } = connect();
  Socket.last.accept();
  Socket.last.say({ type: "error", code: "bad_field", message: "" });
  Socket.last.say({ type: "error", code: "bad_field", message: "" });
  assert.deepEqual(listener.news.at(-1), ["ended", "protocol"]);
});

test("an unreadable message ends it", () => {
  const { listener, Socket } = welcomed();
  Socket.last.say("<html>");
  assert.deepEqual(listener.news.at(-1), ["ended", "protocol"]);
});

test("pings go out, and a dead connection is reopened", () => {
  const { clock, connection, Socket } = welcomed();
  clock.pass(5000);
  assert.equal(Socket.last.messages("ping").length, 1);
  clock.pass(12_000);
  assert.ok(Socket.all.length >= 2 || connection.state === "waiting");
});

test("a network that is back does not wait for the timer", () => {
  const { connection, Socket } = welcomed();
  Socket.last.hangUp(1006);
  connection.reopen();
  assert.equal(Socket.all.length, 2);
});
