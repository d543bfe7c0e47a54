import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, readTimelines } from "../../static/js/history/timeline_data.js";

const pageWith = (data) => ({ getElementById: (id) => (id === "timeline-data" && data ? { textContent: JSON.stringify(data) } : null) });

test("a step's values stand in its middle", () => {
  const [seconds, happy, sad] = columnsOf({ start: 2, rows: [[0.7, 0.3], [0.6, 0.4]] }, ["happy", "sad"], 10);
  assert.deepEqual(seconds, [25, 35]);
  assert.deepEqual(happy, [0.7, 0.6]);
  assert.deepEqual(sad, [0.3, 0.4]);
});

test("the line breaks where the face was away", () => {
  const [, happy] = columnsOf({ start: 0, rows: [[0.7], null, [0.6]] }, ["happy"], 1);
  assert.deepEqual(happy, [0.7, null, 0.6]);
});

test("each face gets its own columns", () => {
  const data = { step: 1, end: 9, labels: ["happy"], faces: { 1: { start: 0, rows: [[1]] }, 3: { start: 5, rows: [[0]] } } };
  const timelines = readTimelines(pageWith(data));
  assert.deepEqual([...timelines.keys()], ["1", "3"]);
  assert.deepEqual(timelines.get("3"), { labels: ["happy"], end: 9, columns: [[5.5], [0]] });
});

test("a page without data has no timelines", () => {
  assert.equal(readTimelines(pageWith(null)).size, 0);
});
