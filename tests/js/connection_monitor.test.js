import assert from "node:assert/strict";
import { test } from "node:test";

import { ConnectionMonitor } from "../../static/js/live/connection_monitor.js";
import { FakeClock } from "./support/fake_clock.js";

function monitored() {
  const clock = new FakeClock();
  const events = { pings: 0, silent: 0 };
  const monitor = new ConnectionMonitor({ pingDue: () => (events.pings += 1), connectionSilent: () => (events.silent += 1) }, clock);
  monitor.start();
  return { clock, monitor, events };
}

test("it asks for a ping every five seconds", () => {
  const { clock, monitor, events } = monitored();
  for (let second = 0; second < 20; second += 1) {
    clock.pass(1000);
    monitor.heard();
  }
  assert.deepEqual(events, { pings: 4, silent: 0 });
});

test("it notices silence within twenty seconds", () => {
  const { clock, events } = monitored();
  clock.pass(20_000);
  assert.ok(events.silent >= 1);
});

test("stopped twice it is silent and harmless", () => {
  const { clock, monitor, events } = monitored();
  monitor.stop();
  monitor.stop();
  clock.pass(60_000);
  assert.deepEqual(events, { pings: 0, silent: 0 });
});
