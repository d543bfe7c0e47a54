import assert from "node:assert/strict";
import { test } from "node:test";

import { showPartsOf } from "../../static/js/lib/task_parts.js";
import { Texts } from "../../static/js/lib/texts.js";
import { TASKS } from "./support/tasks.js";

const PARTS = [{ of: "faces" }, { of: "picture" }, { of: "label_sets" }, { of: "emotion" }, { notOf: "emotion" }, { of: "hand_signs" }];

function shownFor(task) {
  const parts = PARTS.map((dataset) => ({ dataset, hidden: false }));
  showPartsOf({ querySelectorAll: () => parts }, task);
  return parts.filter(({ hidden }) => !hidden).map(({ dataset: { of, notOf } }) => of ?? `not ${notOf}`);
}

for (const [name, shown] of [
  ["emotion", ["faces", "label_sets", "emotion"]],
  ["perceived_gender", ["faces", "not emotion"]],
  ["hand_signs", ["picture", "not emotion", "hand_signs"]],
  ["scenes", ["picture", "not emotion"]],
]) {
  test(`the parts of ${name} are shown, and no others`, () => {
    assert.deepEqual(shownFor(TASKS[name]), shown);
  });
}

test("a task that the page does not know is one of faces", () => {
  const texts = new Texts({ tasks: TASKS, phrases: { uncertain: "Uncertain" } }, "en");
  assert.deepEqual(shownFor(texts.task("toys")), ["faces", "not emotion"]);
  assert.equal(texts.task("toys").title, "toys");
});
