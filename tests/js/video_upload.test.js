import assert from "node:assert/strict";
import { test } from "node:test";

import { uploadVideo } from "../../static/js/video/video_upload.js";

const PART_BYTES = 4;

/** A server that keeps what it receives; `trouble(request)` may throw, or answer in its place. */
class Server {
  received = "";
  size = 10;
  requests = [];
  trouble = () => null;

  fetch = async (url, { method = "GET", body } = {}) => {
    const request = { url, method, body: body?.text ? await body.text() : null };
    this.requests.push(request);
    return (await this.trouble(request)) ?? this.#answer(request);
  };

  #answer({ url, body }) {
    if (url === "/announce" || url === "/upload") return json(this.fields);
    if (url === "/complete") return json({ url: "/video/1/" });
    const offset = Number(url.split("=")[1]);
    if (offset > this.received.length) return refusal("bad_part");
    if (offset + body.length <= this.received.length) {
      return this.received.startsWith(body, offset) ? json({ received: offset + body.length }) : refusal("other_file");
    }
    this.received += body;
    return json({ received: this.received.length });
  }

  get fields() {
    return { upload: "/upload", part: "/part", complete: "/complete", part_bytes: PART_BYTES, size: this.size, received: this.received.length };
  }

  get offsets() {
    return this.requests.filter(({ url }) => url.startsWith("/part")).map(({ url }) => Number(url.split("=")[1]));
  }
}

function json(answer, status = 200) {
  return new Response(JSON.stringify(answer), { status });
}

function refusal(code, status = 409) {
  return json({ error: { code, message: code } }, status);
}

function send(server, options = {}, text = "0123456789") {
  const waits = [];
  const form = new FormData();
  const file = new File([text], "a.mp4");
  const wait = async (ms) => waits.push(ms);
  const sent = uploadVideo(file, form, { announce: "/announce", fetch: server.fetch, wait, ...options });
  return { sent, waits };
}

test("a video is sent part by part", async () => {
  const server = new Server();
  const progress = [];
  const { sent } = send(server, { progressed: (part) => progress.push(part) });
  assert.equal(await sent, "/video/1/");
  assert.equal(server.received, "0123456789");
  assert.deepEqual(server.offsets, [0, 4, 8]);
  assert.deepEqual(progress, [0.4, 0.8, 1]);
});

for (const [name, fail] of [
  ["a lost connection", () => { throw new TypeError("Failed to fetch"); }],
  ["an answer of a proxy", () => new Response("Bad gateway", { status: 502 })],
  ["a server that is starting", () => refusal("busy", 503)],
]) {
  test(`after ${name} the part is sent again, later and later`, async () => {
    const server = new Server();
    let failures = 3;
    server.trouble = ({ url }) => (url === "/part?offset=4" && failures-- > 0 ? fail() : null);
    let retries = 0;
    const { sent, waits } = send(server, { retrying: () => (retries += 1) });
    assert.equal(await sent, "/video/1/");
    assert.equal(server.received, "0123456789");
    assert.equal(retries, 3);
    assert.ok(waits[0] < waits[1] && waits[1] < waits[2]);
  });
}

test("a part whose answer was lost is sent twice and kept once", async () => {
  const server = new Server();
  let lost = false;
  server.trouble = ({ url, body }) => {
    if (url !== "/part?offset=4" || lost) return null;
    lost = true;
    server.received += body;
    throw new TypeError("Failed to fetch");
  };
  assert.equal(await send(server).sent, "/video/1/");
  assert.equal(server.received, "0123456789");
});

test("the completion is repeated too", async () => {
  const server = new Server();
  let failures = 1;
  server.trouble = ({ url }) => (url === "/complete" && failures-- > 0 ? new Response("", { status: 504 }) : null);
  assert.equal(await send(server).sent, "/video/1/");
});

test("where the server is at another place the upload continues there", async () => {
  const server = new Server();
  let moved = false;
  server.trouble = ({ url }) => {
    if (url !== "/part?offset=4" || moved) return null;
    moved = true;
    server.received = "01234567";
    return refusal("bad_part");
  };
  assert.equal(await send(server).sent, "/video/1/");
  assert.deepEqual(server.offsets, [0, 4, 8]);
});

test("a connection that stays lost ends in an error that says how to continue", async () => {
  const server = new Server();
  server.trouble = ({ url }) => { if (url === "/part?offset=4") throw new TypeError("Failed to fetch"); };
  const { sent, waits } = send(server);
  await assert.rejects(sent, { code: "offline", passing: true, upload: "/upload" });
  assert.equal(waits.length, 7);
});

test("an interrupted upload continues where it was, once its first part was compared", async () => {
  const server = new Server();
  server.received = "01234567";
  assert.equal(await send(server, { upload: "/upload" }).sent, "/video/1/");
  assert.deepEqual(server.offsets, [0, 8]);
});

test("another file does not continue it", async () => {
  const server = new Server();
  server.received = "01234567";
  await assert.rejects(send(server, { upload: "/upload" }, "abcdefghij").sent, { code: "other_file" });
  await assert.rejects(send(server, { upload: "/upload" }, "0123").sent, { code: "other_file" });
  assert.equal(server.received, "01234567");
});

test("an upload that is gone is final", async () => {
  const server = new Server();
  server.trouble = ({ url }) => (url === "/part?offset=4" ? new Response("<h1>Not found</h1>", { status: 404 }) : null);
  const { sent, waits } = send(server);
  await assert.rejects(sent, { code: "failed" });
  assert.deepEqual(waits, []);
});

test("a refusal is final", async () => {
  const server = new Server();
  server.trouble = ({ url }) => (url === "/complete" ? refusal("damaged", 400) : null);
  const { sent, waits } = send(server);
  await assert.rejects(sent, { code: "damaged", message: "damaged" });
  assert.deepEqual(waits, []);
});
