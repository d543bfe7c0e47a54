import assert from "node:assert/strict";
import { test } from "node:test";

import { ImageQueue } from "../../static/js/photo/image_queue.js";

const OPTIONS = { model: "se_resnet", label_set: "fer7" };

/** A queue whose images are answered by hand. */
function queueOf({ maxBytes = 100 } = {}) {
  const sent = [];
  const changes = [];
  const delegate = { imageChanged: ({ name, state }) => changes.push(`${name} ${state}`), queueChanged: () => {} };
  const send = (image, hooks) => new Promise((resolve, reject) => sent.push({ image, resolve, reject, ...hooks }));
  return { queue: new ImageQueue(delegate, { send, maxBytes }), sent, changes };
}

const file = (name, size = 10) => ({ name, size });
const settled = () => new Promise((resolve) => setTimeout(resolve));

test("images are sent one after the other", async () => {
  const { queue, sent } = queueOf();
  queue.add([file("a"), file("b")], OPTIONS);
  assert.deepEqual(sent.map(({ image }) => image.name), ["a"]);
  sent[0].resolve({ faces: [] });
  await settled();
  assert.deepEqual(sent.map(({ image }) => image.name), ["a", "b"]);
  assert.equal(queue.count("done"), 1);
});

test("an image that fails does not stop the others", async () => {
  const { queue, sent } = queueOf();
  queue.add([file("a"), file("b")], OPTIONS);
  sent[0].reject({ code: "bad_image" });
  await settled();
  sent[1].resolve({ faces: [] });
  await settled();
  assert.deepEqual(queue.images.map(({ state }) => state), ["failed", "done"]);
  assert.equal(queue.images[0].error.code, "bad_image");
});

test("a file over the limit is not sent at all", () => {
  const { queue, sent } = queueOf();
  queue.add([file("large", 101), file("small")], OPTIONS);
  assert.deepEqual(sent.map(({ image }) => image.name), ["small"]);
  assert.equal(queue.images[0].error.code, "too_large");
});

test("progress is reported, and the wait for the answer after it", () => {
  const { queue, sent, changes } = queueOf();
  queue.add([file("a")], OPTIONS);
  sent[0].progressed(0.5);
  sent[0].progressed(1);
  assert.deepEqual(changes, ["a waiting", "a sending", "a sending", "a analysing"]);
});

test("other options restart every image, and the old answer is discarded", async () => {
  const { queue, sent } = queueOf();
  queue.add([file("a")], OPTIONS);
  queue.restart({ model: "places", label_set: "places" });
  assert.equal(sent[0].signal.aborted, true);
  sent[0].resolve({ faces: ["old"] });
  await settled();
  assert.equal(queue.images[0].state, "sending");
  sent[1].resolve({ picture: {} });
  await settled();
  assert.deepEqual(queue.images[0].answer, { picture: {} });
  assert.equal(queue.images[0].options.model, "places");
});

test("an image that is removed is no longer sent, and the next one is", async () => {
  const { queue, sent } = queueOf();
  const [first] = queue.add([file("a"), file("b")], OPTIONS);
  queue.remove(first.id);
  assert.equal(sent[0].signal.aborted, true);
  sent[0].reject({ code: "aborted" });
  await settled();
  assert.deepEqual(sent.map(({ image }) => image.name), ["a", "b"]);
  assert.deepEqual(queue.images.map(({ name }) => name), ["b"]);
});
