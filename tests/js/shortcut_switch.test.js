import assert from "node:assert/strict";
import { test } from "node:test";

import { ShortcutSwitch } from "../../static/js/lib/shortcut_switch.js";

function page({ remembered = null } = {}) {
  const stored = new Map(remembered === null ? [] : [["shortcuts", remembered]]);
  const preferences = { get: (name) => stored.get(name) ?? null, set: (name, text) => stored.set(name, text) };
  const button = { ariaKeyShortcuts: "S" };
  const help = { hidden: false };
  const root = { querySelectorAll: (selector) => (selector === "[data-shortcut-help]" ? [help] : [button]) };
  const input = Object.assign(new EventTarget(), { checked: true });
  const turn = (checked) => {
    input.checked = checked;
    input.dispatchEvent(new Event("change"));
  };
  const keys = new ShortcutSwitch(input, preferences, root);
  keys.start();
  return { keys, input, button, help, stored, turn };
}

test("shortcuts are on where nobody has chosen", () => {
  const { keys, input, button, help } = page();
  assert.deepEqual([keys.on, input.checked, button.ariaKeyShortcuts, help.hidden], [true, true, "S", false]);
});

test("switched off they are neither named nor explained, and stay off", () => {
  const { keys, button, help, stored, turn } = page();
  turn(false);
  assert.deepEqual([keys.on, button.ariaKeyShortcuts, help.hidden], [false, null, true]);
  assert.equal(stored.get("shortcuts"), "off");
});

test("what was switched off on an earlier page is off from the start", () => {
  const { keys, input, button, turn } = page({ remembered: "off" });
  assert.deepEqual([keys.on, input.checked, button.ariaKeyShortcuts], [false, false, null]);
  turn(true);
  assert.deepEqual([keys.on, button.ariaKeyShortcuts], [true, "S"]);
});

test("after stop the switch is not listened to", () => {
  const { keys, stored, turn } = page();
  keys.stop();
  turn(false);
  assert.equal(stored.size, 0);
});
