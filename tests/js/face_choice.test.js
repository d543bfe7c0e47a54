import assert from "node:assert/strict";
import { test } from "node:test";

import { FaceChoice } from "../../static/js/live/face_choice.js";
import { FakeClock } from "./support/fake_clock.js";

const ANNA = { id: 1 };
const BINH = { id: 2 };

function choice() {
  const clock = new FakeClock();
  return { clock, choice: new FaceChoice(clock) };
}

test("the first face is chosen until the visitor chooses", () => {
  const { choice: one } = choice();
  assert.equal(one.among([ANNA, BINH]), ANNA);
  one.choose(2);
  assert.equal(one.among([ANNA, BINH]), BINH);
});

test("nobody in the picture leaves nobody chosen, but remembered", () => {
  const { choice: one } = choice();
  one.among([ANNA]);
  assert.equal(one.among([]), null);
  assert.equal(one.id, 1);
});

test("a face chosen by hand may look away for two seconds", () => {
  const { clock, choice: one } = choice();
  one.choose(2);
  clock.pass(1500);
  assert.equal(one.among([ANNA]), null);
  clock.pass(1000);
  assert.equal(one.among([ANNA]), ANNA);
});
