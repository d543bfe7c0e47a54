import assert from "node:assert/strict";
import { test } from "node:test";

import { Texts } from "../../static/js/lib/texts.js";
import { UncertainHelp } from "../../static/js/live/uncertain_help.js";

const TEXTS = new Texts({ phrases: { uncertain_help: "less than {below} sure" } }, "en");
const THRESHOLDS = { best: { fer7: 0.61, ferplus8: 0.4 }, narrow: { fer7: 0.64 }, unmeasured: { fer7: 0 } };

function shown(settings) {
  const element = {};
  new UncertainHelp(element, { thresholds: THRESHOLDS, right: 0.8 }, TEXTS).show(settings);
  return element.textContent;
}

test("it shows the default model's threshold until one is in use", () => {
  assert.equal(shown(), "less than 61% sure");
});

test("it follows the model and its labels", () => {
  assert.equal(shown({ model: "best", label_set: "ferplus8" }), "less than 40% sure");
  assert.equal(shown({ model: "narrow", label_set: "fer7" }), "less than 64% sure");
});

test("it is silent where nobody measured a threshold", () => {
  assert.equal(shown({ model: "unmeasured", label_set: "fer7" }), "");
  assert.equal(shown({ model: "hand_digits", label_set: "hand_digits" }), "");
});
