import assert from "node:assert/strict";
import { test } from "node:test";
import { CompareChoice } from "../../static/js/history/compare_choice.js";
import { Detail, DetailLoader } from "../../static/js/history/detail.js";
import { MarkerTimeField, Scrubber } from "../../static/js/history/playhead.js";
import { confidenceLine } from "../../static/js/history/chart_lines.js";
import { ZoomControls } from "../../static/js/history/zoom_controls.js";

class Element extends EventTarget {
  value = "";
  textContent = "";
  attributes = {};

  setAttribute(name, value) {
    this.attributes[name] = value;
  }
}

const boxOf = (checked = false) => Object.assign(new Element(), { checked });
const tick = (box, checked = true) => {
  box.checked = checked;
  box.dispatchEvent(new Event("change"));
};

test("two sessions can be compared, one cannot", () => {
  const [button, boxes] = [{ disabled: false }, [boxOf(), boxOf()]];
  new CompareChoice(button, boxes).start();
  assert.equal(button.disabled, true);
  boxes.forEach((box) => tick(box));
  assert.equal(button.disabled, false);
  tick(boxes[0], false);
  assert.equal(button.disabled, true);
});

test("a third choice takes the place of the oldest", () => {
  const [button, boxes] = [{ disabled: false }, [boxOf(), boxOf(), boxOf()]];
  new CompareChoice(button, boxes).start();
  for (const number of [1, 0, 2]) tick(boxes[number]);
  assert.deepEqual(boxes.map((box) => box.checked), [true, false, true]);
  assert.equal(button.disabled, false);
});

test("ticks that a browser kept count", () => {
  const button = { disabled: false };
  new CompareChoice(button, [boxOf(true), boxOf(true)]).start();
  assert.equal(button.disabled, false);
});

test("the scrubber reports the time and announces it", () => {
  const [range, output, chosen] = [new Element(), new Element(), []];
  const scrubber = new Scrubber(range, output, { timeChosen: (second) => chosen.push(second) });
  scrubber.start();
  range.value = "65";
  range.dispatchEvent(new Event("input"));
  assert.deepEqual(chosen, [65]);
  scrubber.show(65, "Face 1: Happy 90%");
  assert.equal(output.textContent, "1:05");
  assert.equal(range.attributes["aria-valuetext"], "1:05. Face 1: Happy 90%");
  scrubber.stop();
  range.dispatchEvent(new Event("input"));
  assert.deepEqual(chosen, [65]);
});

const press = (bar, key, more = {}) => bar.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), { key, ...more }));

test("plus, minus and nought zoom, other keys and the browser's own do not", () => {
  const [bar, chosen] = [new Element(), []];
  new ZoomControls(bar, { zoomChosen: (kind) => chosen.push(kind) }, { on: true }).start();
  ["+", "=", "-", "0", "a", "ArrowLeft"].forEach((key) => press(bar, key));
  press(bar, "+", { ctrlKey: true });
  assert.deepEqual(chosen, ["in", "in", "out", "whole"]);
});

test("switched off, plus and minus do nothing and stay the browser's own", () => {
  const [bar, chosen, keys] = [new Element(), [], { on: false }];
  new ZoomControls(bar, { zoomChosen: (kind) => chosen.push(kind) }, keys).start();
  assert.equal(press(bar, "+"), true); // nobody prevented it
  keys.on = true;
  assert.equal(press(bar, "+"), false);
  assert.deepEqual(chosen, ["in"]);
});

test("the new marker's time follows the moment until somebody writes one", () => {
  const input = new Element();
  const field = new MarkerTimeField(input);
  field.show(61);
  assert.equal(input.value, "1:01");
  input.value = "0:30";
  input.dispatchEvent(new Event("input"));
  field.show(62);
  assert.equal(input.value, "0:30");
  input.value = "";
  input.dispatchEvent(new Event("input"));
  field.show(63);
  assert.equal(input.value, "1:03");
});

test("a time that was refused stays as it was written, and a page without the field is fine", () => {
  const input = Object.assign(new Element(), { value: "soon" });
  new MarkerTimeField(input).show(5);
  assert.equal(input.value, "soon");
  new MarkerTimeField(null).show(5);
});

test("the confidence is drawn with the threshold of uncertainty", () => {
  const timeline = { sure: [[0.5, 1.5], [0.9, null]], below: 0.5 };
  assert.deepEqual(confidenceLine.columns(timeline), [[0.5, 1.5], [0.9, null], [0.5, 0.5]]);
});

const detailOf = (start, end, step) => new Detail({ start, end, step, below: 0, labels: [], faces: {} });

test("finer steps serve the windows that they cover", () => {
  const detail = detailOf(100, 200, 1);
  assert.equal(detail.covers({ low: 100, high: 200 }), true);
  assert.equal(detail.covers({ low: 99, high: 150 }), false);
  assert.equal(detail.suits({ low: 120, high: 125 }), true);
});

test("steps that could be much finer still are asked for again", () => {
  const detail = detailOf(0, 1200, 5);
  assert.equal(detail.suits({ low: 0, high: 900 }), true);
  assert.equal(detail.suits({ low: 0, high: 60 }), false);
});

const settled = () => new Promise((resolve) => setImmediate(resolve));
const handClock = () => {
  const waiting = new Map();
  let next = 1;
  return {
    setTimeout: (callback) => (waiting.set(next, callback), next++),
    clearTimeout: (id) => waiting.delete(id),
    strike: () => [...waiting.values()].forEach((callback) => callback()),
  };
};

test("only the window that the visitor rests on is fetched", async () => {
  const [clock, asked, loaded] = [handClock(), [], []];
  const fetch = async (address) => (asked.push(address), { ok: true, json: async () => ({ step: 1 }) });
  const loader = new DetailLoader("/detail", { detailLoaded: (data) => loaded.push(data) }, { fetch, clock });
  loader.ask(0, 50);
  loader.ask(10.4, 20.2);
  clock.strike();
  await settled();
  assert.deepEqual(asked, ["/detail?start=10&end=21"]);
  assert.deepEqual(loaded, [{ step: 1 }]);
});

test("a server that does not answer leaves the coarse steps", async () => {
  for (const fetch of [async () => ({ ok: false }), async () => Promise.reject(new TypeError("offline"))]) {
    const [clock, loaded] = [handClock(), []];
    const loader = new DetailLoader("/detail", { detailLoaded: (data) => loaded.push(data) }, { fetch, clock });
    loader.ask(0, 50);
    clock.strike();
    await settled();
    assert.deepEqual(loaded, []);
  }
});
