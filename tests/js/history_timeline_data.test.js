import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, readJson, timelinesOf } from "../../static/js/history/timeline_data.js";

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

test("each face gets its own columns, and a brief face has no confidence curve", () => {
  const timelines = timelinesOf({
    step: 1,
    end: 9,
    below: 0.5,
    labels: ["happy"],
    faces: { 1: { start: 0, rows: [[1]], sure: [0.8] } },
    brief: { 3: { start: 5, rows: [[0]] } },
  });
  assert.deepEqual([...timelines.keys()], ["1", "3"]);
  assert.deepEqual(timelines.get("1").sure, [[0.5], [0.8]]);
  assert.deepEqual(timelines.get("3").columns, [[5.5], [0]]);
  assert.equal(timelines.get("3").sure, null);
});

test("a curve's own labels and threshold stand before the page's", () => {
  const data = { step: 1, end: 1, below: 0, labels: [], faces: { a: { start: 0, rows: [[1]], sure: [1], labels: ["happy"], below: 0.4 } } };
  const { labels, below } = timelinesOf(data).get("a");
  assert.deepEqual([labels, below], [["happy"], 0.4]);
});

test("a page without data has no timelines", () => {
  assert.equal(timelinesOf(readJson({ getElementById: () => null }, "timeline-data")).size, 0);
});
