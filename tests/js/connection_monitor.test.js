import assert from "node:assert/strict";
import { test } from "node:test";

import { ConnectionMonitor } from "../../static/js/live/connection_monitor.js";
import { FakeClock } from "./support/fake_clock.js";

function monitored() {
  const clock = new FakeClock();
  const told = { pings: 0, silent: 0 };
  const monitor = new ConnectionMonitor({ pingDue: () => (told.pings += 1), connectionSilent: () => (told.silent += 1) }, clock);
  monitor.start();
  return { clock, monitor, told };
}

test("it asks for a ping every five seconds", () => {
  const { clock, monitor, told } = monitored();
  for (let second = 0; second < 20; second += 1) {
    clock.pass(1000);
    monitor.heard();
  }
  assert.deepEqual(told, { pings: 4, silent: 0 });
});

test("it notices silence within twenty seconds", () => {
  const { clock, told } = monitored();
  clock.pass(20_000);
  assert.ok(told.silent >= 1);
});

test("stopped twice it is silent and harmless", () => {
  const { clock, monitor, told } = monitored();
  monitor.stop();
  monitor.stop();
  clock.pass(60_000);
  assert.deepEqual(told, { pings: 0, silent: 0 });
});
