import assert from "node:assert/strict";
import { test } from "node:test";

import { Texts } from "../../static/js/lib/texts.js";
import { Announcer } from "../../static/js/live/announcer.js";
import { guideBox, subjectsOf } from "../../static/js/live/subjects.js";
import { Wording } from "../../static/js/live/wording.js";
import { FakeClock } from "./support/fake_clock.js";
import { TASKS } from "./support/tasks.js";

const TEXTS = new Texts({
  labels: { happy: "Happy", street: "Street" },
  tasks: TASKS,
  phrases: {
    face: "Face {id}", uncertain: "Uncertain", no_face: "No face", summary: "{faces}. {list}.",
    summary_face: "Face {id}: {label}, {confidence}", summary_uncertain: "Face {id}: uncertain",
    summary_picture: "{name}: {label}, {confidence}",
  },
  plurals: { faces: { one: "{count} face", other: "{count} faces" } },
}, "en");
const FIVE = { label: "5", confidence: 0.98, uncertain: false, probabilities: [0.02, 0.98] };
const NONE = { ...FIVE, confidence: 0.5, uncertain: true };
const FACE = { id: 3, label: "happy", confidence: 0.9, uncertain: false };

function combinations(...lists) {
  return lists.reduce((rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])), [[]]);
}

function wording(task) {
  const words = new Wording(TEXTS);
  words.task = TEXTS.task(task);
  return words;
}

test("the guide square is the largest in the frame's middle", () => {
  assert.deepEqual(guideBox(640, 480, 1), [0.125, 0, 0.75, 1]);
  assert.deepEqual(guideBox(480, 640, 1), [0, 0.125, 1, 0.75]);
  assert.deepEqual(guideBox(100, 100, 0.5), [0.25, 0.25, 0.5, 0.5]);
});

test("faces are the subjects of a result without a picture", () => {
  const faces = [FACE];
  assert.equal(subjectsOf({ faces, width: 640, height: 480 }, null), faces);
});

test("a sign is one subject in the guide square", () => {
  const [sign, ...others] = subjectsOf({ faces: [], picture: FIVE, width: 640, height: 480 }, 1);
  assert.deepEqual(others, []);
  assert.deepEqual(sign, { ...FIVE, id: 0, box: [0.125, 0, 0.75, 1], outline: "guide" });
});

test("a scene fills the frame and has no outline", () => {
  const [scene] = subjectsOf({ faces: [], picture: FIVE, width: 640, height: 480 }, null);
  assert.deepEqual([scene.box, scene.outline], [[0, 0, 1, 1], "none"]);
});

test("a sign that is not sure is no sign, and no share stands beside it", () => {
  const words = wording("hand_signs");
  assert.equal(words.name(0), "Sign");
  assert.deepEqual(words.answer(FIVE), { named: "5", words: "5", share: "98%" });
  assert.deepEqual(words.answer(NONE), { named: null, words: "No sign", share: "" });
  assert.deepEqual(words.tag({ ...FIVE, id: 0 }), { id: "", named: "5", words: "5", share: "98%" });
  assert.deepEqual(words.tag({ ...NONE, id: 0 }), { id: "", named: null, words: "No sign", share: "" });
});

test("each task has its own words", () => {
  const words = wording("scenes");
  assert.equal(words.frameLevel, true);
  assert.equal(words.answer({ ...NONE, label: "street" }).words, "Unknown scene");
  words.task = TEXTS.task("emotion");
  assert.equal(words.frameLevel, false);
  assert.equal(words.name(3), "Face 3");
  assert.deepEqual(words.answer({ ...FACE, uncertain: true }), { named: null, words: "Uncertain", share: "" });
  assert.deepEqual(words.tag({ ...FACE, uncertain: true }), { id: "3", named: null, words: "Uncertain", share: "" });
});

for (const task of ["emotion", "hand_signs", "places", "scenes"]) {
  test(`row, tag, announcement and bars make one statement (${task})`, () => {
    const words = wording(task);
    for (const [label, confidence, uncertain] of combinations(["happy", "street", "unheard_of"], [0, 0.07, 0.5, 0.784, 1], [false, true])) {
      const subject = { id: 3, label, confidence, uncertain, probabilities: [confidence, 1 - confidence] };
      const row = words.answer(subject);
      const { id, ...tag } = words.tag(subject);
      const summary = words.summary([subject]);
      assert.deepEqual(tag, row);
      assert.equal(id, words.frameLevel ? "" : "3");
      assert.equal(row.named, uncertain ? null : label);
      assert.equal(row.share === "", uncertain);
      assert.ok(summary.toLowerCase().includes(row.words.toLowerCase()), summary);
      assert.equal(/\d%/.test(summary), !uncertain);
      assert.ok(summary.includes(row.share));
    }
  });
}

test("a screen reader hears a sign when it comes and when it goes", () => {
  const clock = new FakeClock();
  const said = [];
  const element = { set textContent(text) { said.push(text); } };
  const announcer = new Announcer(element, { texts: TEXTS, clock, wording: wording("hand_signs") });
  announcer.facesSeen([{ ...FIVE, id: 0 }]);
  clock.pass(1000);
  announcer.facesSeen([{ ...NONE, id: 0 }]);
  clock.pass(3000);
  announcer.facesSeen([{ ...NONE, id: 0 }]);
  assert.deepEqual(said, ["Sign: 5, 98%", "No sign"]);
});
