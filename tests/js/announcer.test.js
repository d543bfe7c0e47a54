import assert from "node:assert/strict";
import { test } from "node:test";

import { Texts } from "../../static/js/lib/texts.js";
import { Announcer } from "../../static/js/live/announcer.js";
import { FakeClock } from "./support/fake_clock.js";

const TEXTS = new Texts({
  labels: { happy: "Happy", sad: "Sad" },
  tasks: {},
  phrases: { no_face: "No face", uncertain: "Uncertain", summary: "{faces}. {list}.", summary_face: "Face {id}: {label}, {confidence}", summary_uncertain: "Face {id}: uncertain" },
  plurals: { faces: { one: "{count} face", other: "{count} faces" } },
}, "en");
const HAPPY = { id: 1, label: "happy", confidence: 0.914, uncertain: false };
const SAD = { ...HAPPY, label: "sad" };

function announcer() {
  const clock = new FakeClock();
  const said = [];
  const element = { set textContent(text) { said.push(text); } };
  return { clock, said, announcer: new Announcer(element, { texts: TEXTS, clock }) };
}

test("it announces the visible faces in one sentence", () => {
  const { announcer: one, said } = announcer();
  one.facesSeen([HAPPY, { ...SAD, id: 2, uncertain: true }]);
  assert.deepEqual(said, ["2 faces. Face 1: Happy, 91%; Face 2: uncertain."]);
});

test("it speaks at most every three seconds, however much changes", () => {
  const { announcer: one, clock, said } = announcer();
  for (let frame = 0; frame < 300; frame += 1) {
    one.facesSeen([frame % 2 ? HAPPY : SAD]);
    clock.pass(41);
  }
  assert.ok(said.length >= 2 && said.length <= 5, String(said.length));
});

test("it says nothing while nothing changes", () => {
  const { announcer: one, clock, said } = announcer();
  for (let frame = 0; frame < 300; frame += 1) {
    one.facesSeen([HAPPY]);
    clock.pass(40);
  }
  assert.equal(said.length, 1);
});
