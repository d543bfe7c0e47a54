import assert from "node:assert/strict";
import { test } from "node:test";

import { Texts } from "../../static/js/lib/texts.js";
import { StatusLine } from "../../static/js/live/status_line.js";
import { FakeClock } from "./support/fake_clock.js";

const TEXTS = new Texts({
  phrases: { fps: "{fps} fps", latency: "{ms} ms", state_idle: "Off", state_live: "Live", state_stalled: "No results", state_reconnecting: "Reconnecting", state_paused: "Paused" },
  plurals: { drops: { one: "{count} frame skipped", other: "{count} frames skipped" } },
}, "en");

function statusLine() {
  const clock = new FakeClock();
  const parts = Object.fromEntries(["state", "fps", "latency", "drops", "device"].map((name) => [name, { textContent: "", hidden: false }]));
  const root = {
    dataset: {},
    toggleAttribute() {},
    querySelector: (selector) => parts[/="(\w+)"/.exec(selector)[1]],
    querySelectorAll: () => Object.values(parts).filter((part) => part !== parts.state),
  };
  const line = new StatusLine(root, { texts: TEXTS, clock });
  line.start();
  line.state = "live";
  return { line, clock, root, parts };
}

for (const [fps, shown] of [[0.2, "0.2 fps"], [0.5, "0.5 fps"], [1, "1 fps"], [7, "7 fps"], [25, "25 fps"]]) {
  test(`results come ${shown}`, () => {
    const { line, clock, parts } = statusLine();
    for (let result = 0; result < Math.max(4 * fps, 3); result += 1) {
      line.resultShown(80);
      clock.pass(1000 / fps);
    }
    assert.equal(parts.fps.textContent, shown);
    assert.equal(parts.latency.textContent, "80 ms");
  });
}

test("there is no rate before the second result", () => {
  const { line, clock, parts } = statusLine();
  line.resultShown(80);
  clock.pass(500);
  assert.equal(parts.fps.textContent, "–");
});

test("one frame is skipped, two frames are", () => {
  const { line, clock, parts } = statusLine();
  line.frameDropped();
  clock.pass(500);
  assert.equal(parts.drops.textContent, "1 frame skipped");
  line.frameDropped();
  clock.pass(500);
  assert.equal(parts.drops.textContent, "2 frames skipped");
});

test("results that stay away are its state while it is live", () => {
  const { line, root, parts } = statusLine();
  for (let result = 0; result < 3; result += 1) line.resultShown(80);
  line.stalled = true;
  assert.deepEqual([root.dataset.state, parts.state.textContent], ["stalled", "No results"]);
  assert.deepEqual([parts.fps.textContent, parts.latency.textContent, parts.fps.hidden], ["0 fps", "–", false]);
  line.state = "reconnecting";
  assert.equal(parts.state.textContent, "Reconnecting");
  line.state = "live";
  assert.equal(parts.state.textContent, "No results");
  line.stalled = false;
  assert.deepEqual([root.dataset.state, parts.state.textContent, parts.fps.hidden], ["live", "Live", false]);
  line.state = "paused";
  assert.equal(parts.state.textContent, "Paused");
});
