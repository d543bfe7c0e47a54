import assert from "node:assert/strict";
import { test } from "node:test";

import { PictureQueue } from "../../static/js/photo/picture_queue.js";

const OPTIONS = { model: "se_resnet", label_set: "fer7" };

/** A queue whose pictures are answered by hand. */
function queueOf({ maxBytes = 100 } = {}) {
  const sent = [];
  const changes = [];
  const delegate = { pictureChanged: ({ name, state }) => changes.push(`${name} ${state}`), queueChanged: () => {} };
  const send = (picture, options) => new Promise((resolve, reject) => sent.push({ picture, resolve, reject, ...options }));
  return { queue: new PictureQueue(delegate, { send, maxBytes }), sent, changes };
}

const file = (name, size = 10) => ({ name, size });
const settled = () => new Promise((resolve) => setTimeout(resolve));

test("pictures go one after the other", async () => {
  const { queue, sent } = queueOf();
  queue.add([file("a"), file("b")], OPTIONS);
  assert.deepEqual(sent.map(({ picture }) => picture.name), ["a"]);
  sent[0].resolve({ faces: [] });
  await settled();
  assert.deepEqual(sent.map(({ picture }) => picture.name), ["a", "b"]);
  assert.equal(queue.count("done"), 1);
});

test("a picture that fails ends itself alone", async () => {
  const { queue, sent } = queueOf();
  queue.add([file("a"), file("b")], OPTIONS);
  sent[0].reject({ code: "bad_image" });
  await settled();
  sent[1].resolve({ faces: [] });
  await settled();
  assert.deepEqual(queue.pictures.map(({ state }) => state), ["failed", "done"]);
  assert.equal(queue.pictures[0].error.code, "bad_image");
});

test("a file over the limit is not sent at all", () => {
  const { queue, sent } = queueOf();
  queue.add([file("large", 101), file("small")], OPTIONS);
  assert.deepEqual(sent.map(({ picture }) => picture.name), ["small"]);
  assert.equal(queue.pictures[0].error.code, "too_large");
});

test("progress is printed, and the wait for the answer after it", () => {
  const { queue, sent, changes } = queueOf();
  queue.add([file("a")], OPTIONS);
  sent[0].progressed(0.5);
  sent[0].progressed(1);
  assert.deepEqual(changes, ["a waiting", "a sending", "a sending", "a analysing"]);
});

test("other options restart every image, and an old answer is not taken for a new one", async () => {
  const { queue, sent } = queueOf();
  queue.add([file("a")], OPTIONS);
  queue.restart({ model: "places", label_set: "places" });
  assert.equal(sent[0].signal.aborted, true);
  sent[0].resolve({ faces: ["old"] });
  await settled();
  assert.equal(queue.pictures[0].state, "sending");
  sent[1].resolve({ picture: {} });
  await settled();
  assert.deepEqual(queue.pictures[0].answer, { picture: {} });
  assert.equal(queue.pictures[0].options.model, "places");
});

test("a picture that is removed is not sent any more, and the next one is", async () => {
  const { queue, sent } = queueOf();
  const [first] = queue.add([file("a"), file("b")], OPTIONS);
  queue.remove(first.id);
  assert.equal(sent[0].signal.aborted, true);
  sent[0].reject({ code: "aborted" });
  await settled();
  assert.deepEqual(sent.map(({ picture }) => picture.name), ["a", "b"]);
  assert.deepEqual(queue.pictures.map(({ name }) => name), ["b"]);
});
