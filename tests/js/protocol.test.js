import assert from "node:assert/strict";
import { test } from "node:test";

import { HEADER_BYTES, ProtocolError, decodeHeader, encodeFrame, encodeHello, encodeMessage, parseMessage } from "../../static/js/protocol.js";
import { WELCOME } from "./support/fake_socket.js";

const FRAME = { seq: 0x01020304, capturedMs: 1234.5, width: 640, height: 480, answered: 0x0a0b0c0d };
const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xd9]);
// magic "EF", version 1, flags 0, seq, 1234.5 as f64, 640, 480, answered, the JPEG: big-endian throughout
const GOLDEN = "4546" + "01" + "00" + "01020304" + "40934a0000000000" + "0280" + "01e0" + "0a0b0c0d" + "ffd8ffd9";

test("a frame's bytes are those the protocol fixes", () => {
  const bytes = new Uint8Array(encodeFrame(FRAME, JPEG.buffer));
  assert.equal(Buffer.from(bytes).toString("hex"), GOLDEN);
  assert.equal(HEADER_BYTES, 24);
});

test("a header comes back as it went in", () => {
  assert.deepEqual(decodeHeader(encodeFrame(FRAME, JPEG.buffer)), { version: 1, flags: 0, ...FRAME });
});

test("the highest seq and the largest side fit", () => {
  const extreme = { ...FRAME, seq: 2 ** 32 - 1, width: 65535, height: 1, answered: 2 ** 32 - 1 };
  assert.deepEqual(decodeHeader(encodeFrame(extreme, JPEG.buffer)), { version: 1, flags: 0, ...extreme });
});

test("bytes that are no frame are refused", () => {
  assert.throws(() => decodeHeader(new ArrayBuffer(23)), ProtocolError);
  assert.throws(() => decodeHeader(new ArrayBuffer(24)), ProtocolError);
});

test("hello carries the version and leaves out what was not chosen", () => {
  const hello = JSON.parse(encodeHello({ consent: "2026-11", model: null, label_set: undefined, quality: "fast", resume: null }));
  assert.deepEqual(hello, { type: "hello", version: 1, consent: "2026-11", quality: "fast" });
});

test("messages without fields are their type alone", () => {
  assert.equal(encodeMessage("pause"), '{"type":"pause"}');
});

test("a welcome is understood", () => {
  assert.deepEqual(parseMessage(JSON.stringify(WELCOME)), WELCOME);
});

test("messages of a newer server pass, so that an old page lives on", () => {
  assert.equal(parseMessage('{"type":"confetti","color":"red"}').type, "confetti");
});

const UNREADABLE = {
  "no JSON": "{",
  "a list": "[]",
  "null": "null",
  "no type": "{}",
  "a type that is a number": '{"type":1}',
  "a result without faces": '{"type":"result","seq":1,"captured_ms":0}',
  "a drop whose seq is a text": '{"type":"drop","seq":"1","reason":"stale"}',
  "a welcome without limits": JSON.stringify({ ...WELCOME, limits: null }),
};
for (const [name, text] of Object.entries(UNREADABLE)) {
  test(`${name} is refused`, () => assert.throws(() => parseMessage(text), ProtocolError));
}

test("a goodbye of a site without history pages names none", () => {
  const goodbye = parseMessage('{"type":"bye","session":"s1","history_url":null,"reason":"bye"}');
  assert.equal(goodbye.history_url, null);
});
