import assert from "node:assert/strict";
import { test } from "node:test";
import { readingAt, timelinesOf } from "../../static/js/history/timeline_data.js";
import { Readout } from "../../static/js/history/readout.js";

const timelines = timelinesOf({
  step: 5,
  end: 23,
  below: 0.5,
  labels: ["happy", "sad"],
  faces: { 1: { start: 0, rows: [[0.9, 0.1], null, [0.45, 0.4]], sure: [0.9, null, 0.45] } },
  brief: { 7: { start: 2, rows: [[0.2, 0.8]] } },
});

const itemFor = (key, name, more = {}) => {
  const parts = { "[data-name]": { textContent: ` ${name} ` }, "[data-value]": { textContent: "" } };
  return { dataset: { reading: key, ...more }, hidden: false, querySelector: (what) => parts[what] };
};
const readoutOf = (...items) => {
  const root = { dataset: { away: "not visible", unsure: "Uncertain", closest: "Closest match: {label}, {confidence} (at least {needed} needed)" }, querySelectorAll: () => items };
  return new Readout(root, { of: (label) => label.toUpperCase() });
};

test("a reading names the likeliest label and the seconds it stands for", () => {
  assert.deepEqual(readingAt(timelines.get("1"), 4), { label: "happy", share: 0.9, unsure: false, needed: 0.5, from: 0, to: 5 });
});

test("below the threshold a reading is unsure", () => {
  assert.equal(readingAt(timelines.get("1"), 12).unsure, true);
});

test("there is no reading where the face was away, or before and after it", () => {
  for (const second of [5, 9, 15, 400]) assert.equal(readingAt(timelines.get("1"), second), null);
  assert.equal(readingAt(timelines.get("7"), 0), null);
});

test("the readout says what each face showed", () => {
  const item = itemFor("1", "Face 1");
  assert.equal(readoutOf(item).show(timelines, 0), "Face 1: HAPPY 90%");
  assert.equal(item.querySelector("[data-value]").textContent, "HAPPY 90%");
  assert.equal(item.dataset.label, "happy");
});

test("it does not claim what was unsure", () => {
  assert.equal(readoutOf(itemFor("1", "Face 1")).show(timelines, 12), "Face 1: Uncertain");
});

test("an unknown picture has no share, but a closest match with what it lacks", () => {
  const said = readoutOf(itemFor("1", "Sign", { unknown: "No sign" })).show(timelines, 12);
  assert.equal(said, "Sign: No sign. Closest match: HAPPY, 45% (at least 50% needed)");
  assert.equal(readoutOf(itemFor("1", "Sign", { unknown: "No sign" })).show(timelines, 0), "Sign: HAPPY 90%");
});

test("a face that is away is said to be, one seen briefly is left out then", () => {
  const brief = itemFor("7", "Face 7", { brief: "" });
  const readout = readoutOf(itemFor("1", "Face 1"), brief);
  assert.equal(readout.show(timelines, 7), "Face 1: not visible");
  assert.equal(brief.hidden, true);
  assert.equal(readout.show(timelines, 10), "Face 1: Uncertain. Face 7: SAD 80%");
  assert.equal(brief.hidden, false);
});
