import assert from "node:assert/strict";
import { test } from "node:test";

import { Texts } from "../../static/js/lib/texts.js";
import { requestAnalysis } from "../../static/js/photo/analysis_request.js";
import { AnswerWords } from "../../static/js/photo/answer_words.js";
import { TASKS } from "./support/tasks.js";

const phrases = {
  sure: "{label}, {confidence}",
  uncertain: "Uncertain",
  titled: "{task}: {label}, {confidence}",
  titled_uncertain: "{task}: uncertain",
  no_face: "No face",
  closest: "Closest match: {label}, {confidence} (at least {needed} needed)",
  counted: "{faces}: {list}",
  count: "{label} {count}",
  uncertain_count: "uncertain {count}",
  titled_counts: "{task}: {list}",
  note_first_frame: "First frame.",
  note_turned_90: "Turned.",
};
const texts = new Texts({ labels: { men: "a man" }, tasks: TASKS, phrases, plurals: { faces: { one: "{count} face", other: "{count} faces" } } }, "en");
const words = new AnswerWords(texts, [
  { name: "se_resnet", task: "emotion", uncertain: { fer7: 0.5, fer5: 0.3 } },
  { name: "perceived_gender", task: "perceived_gender", uncertain: { perceived_gender: 0.7 } },
  { name: "places", task: "places", uncertain: { places: 0.6 } },
]);

test("faces are counted and named, and an uncertain one is not named", () => {
  const answer = { faces: [{ label: "happy", confidence: 0.9 }, { label: "sad", confidence: 0.4 }] };
  assert.equal(words.summary({ answer, options: { model: "se_resnet", label_set: "fer7" } }), "2 faces: happy, 90%; Uncertain");
  assert.equal(words.summary({ answer: { faces: [] }, options: { model: "se_resnet", label_set: "fer7" } }), "No face");
});

test("notes of an answer are joined, and none say nothing", () => {
  assert.equal(words.notes({ notes: ["first_frame", "turned_90"] }), "First frame. Turned.");
  assert.equal(words.notes({}), "");
});

test("no guess stands beside a face's box", () => {
  const options = { model: "se_resnet", label_set: "fer7" };
  assert.deepEqual(words.tag({ label: "happy", confidence: 0.9 }, options), { words: "happy", share: "90%" });
  assert.deepEqual(words.tag({ label: "sad", confidence: 0.4 }, options), { words: "Uncertain", share: "" });
});

test("gender is perceived gender", () => {
  const options = { model: "perceived_gender", label_set: "perceived_gender" };
  assert.equal(words.face({ label: "men", confidence: 0.9 }, options), "Perceived gender: a man, 90%");
  assert.equal(words.face({ label: "men", confidence: 0.6 }, options), "Perceived gender: uncertain");
  assert.deepEqual(words.tag({ label: "men", confidence: 0.9 }, options), { words: "Perceived gender: a man, 90%", share: "" });
});

test("an image of anything else does not become a place", () => {
  const picture = { label: "colosseum", confidence: 0.5, uncertain: true, probabilities: { pantheon: 0.3, colosseum: 0.5 } };
  assert.equal(words.summary({ answer: { faces: [], picture }, options: { model: "places" } }), "Unknown place");
  assert.deepEqual(words.ranked(picture.probabilities)[0], ["colosseum", 0.5]);
});

for (const [confidence, needed, words] of [
  [0.84, 0.9, "Closest match: halong bay, 84% (at least 90% needed)"],
  [0.899, 0.9, "Closest match: halong bay, 89% (at least 90% needed)"], // never the 90% that it lacks
  [0.005, 0.01, "Closest match: halong bay, 0% (at least 1% needed)"],
]) {
  test(`of an unknown image at ${confidence} the closest match is named with what it lacks`, () => {
    const ours = new AnswerWords(texts, [{ name: "places", task: "places", uncertain: { places: needed } }]);
    const options = { model: "places", label_set: "places" };
    assert.equal(ours.closest({ label: "halong_bay", confidence, uncertain: true }, options), words);
    assert.equal(ours.closest({ label: "halong_bay", confidence: 0.95, uncertain: false }, options), "");
  });
}

const manyFaces = (...counts) => ({ faces: counts.flatMap(([label, confidence, count]) => Array(count).fill({ label, confidence })) });

test("many faces are counted by what they show, the uncertain last", () => {
  const options = { model: "se_resnet", label_set: "fer7" };
  const answer = manyFaces(["neutral", 0.9, 30], ["happy", 0.97, 92], ["sad", 0.3, 10], ["angry", 0.6, 8]);
  assert.equal(words.summary({ answer, options }), "140 faces: happy 92, neutral 30, angry 8, uncertain 10");
  assert.ok(words.hasManyFaces(answer));
  assert.equal(words.summary({ answer: manyFaces(["sad", 0.3, 5]), options }), "5 faces: uncertain 5");
});

test("many faces have perceived genders", () => {
  const options = { model: "perceived_gender", label_set: "perceived_gender" };
  assert.equal(words.summary({ answer: manyFaces(["men", 0.9, 3], ["men", 0.6, 2]), options }), "5 faces: Perceived gender: a man 3, uncertain 2");
});

test("a few faces are named one by one", () => {
  assert.ok(!words.hasManyFaces(manyFaces(["happy", 0.9, 4])));
});

/** An XMLHttpRequest that the test answers. */
class HandRequest extends EventTarget {
  static last;
  upload = new EventTarget();
  headers = {};

  open(method, url) {
    Object.assign(this, { method, url });
  }

  setRequestHeader(name, value) {
    this.headers[name] = value;
  }

  send(body) {
    this.body = body;
    HandRequest.last = this;
  }

  answer(status, responseText) {
    Object.assign(this, { status, responseText });
    this.dispatchEvent(new Event("load"));
  }
}

const FILE = { type: "image/png" };
const send = () => requestAnalysis(FILE, { url: "/photo/analyse/?model=places", token: "t", Request: HandRequest });

test("an image is sent as it is, with the page's token", async () => {
  const answer = send();
  HandRequest.last.answer(200, '{"faces": []}');
  assert.deepEqual(await answer, { faces: [] });
  assert.deepEqual(HandRequest.last.headers, { "X-CSRFToken": "t", "Content-Type": "image/png" });
  assert.equal(HandRequest.last.body, FILE);
});

for (const [status, text, code] of [
  [415, '{"error": {"code": "unsupported_type", "message": "…"}}', "unsupported_type"],
  [403, "<html>", "page"],
  [502, "<html>", "failed"],
  [200, "<html>", "failed"],
]) {
  test(`an answer of ${status} ${text.slice(0, 6)} is refused as ${code}`, async () => {
    const answer = send();
    HandRequest.last.answer(status, text);
    await assert.rejects(answer, (error) => error.code === code);
  });
}
