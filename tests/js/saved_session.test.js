import assert from "node:assert/strict";
import { test } from "node:test";

import { SavedSession } from "../../static/js/lib/saved_session.js";

class Storage {
  #texts = new Map();

  get(name) { return this.#texts.get(name) ?? null; }
  set(name, text) { this.#texts.set(name, text); }
  remove(name) { this.#texts.delete(name); }
}

function saving(at = 0) {
  const time = { at };
  const storage = new Storage();
  return { time, storage, saved: new SavedSession({ storage, now: () => time.at }) };
}

const SESSION = { token: "token-1", paused: false, settings: { model: "m" } };

test("a saved session is taken once", () => {
  const { saved, time } = saving();
  saved.save(SESSION);
  time.at += 1500;
  assert.deepEqual(saved.take(), { ...SESSION, savedAt: 0, leftMs: 58500 });
  assert.equal(saved.take(), null);
});

test("after a minute it cannot be resumed any more", () => {
  const { saved, time } = saving();
  saved.save(SESSION);
  time.at += 60000;
  assert.equal(saved.take(), null);
});

test("a session that is saved again keeps its minute", () => {
  const { saved, time } = saving();
  saved.save(SESSION);
  time.at += 40000;
  saved.save(saved.take());
  time.at += 19000;
  assert.equal(saved.take().leftMs, 1000);
  saved.save({ ...SESSION, savedAt: 0 });
  time.at += 1000;
  assert.equal(saved.take(), null);
});

for (const text of ["", "{", "null", "7", "[]", '{"token": 7, "savedAt": 0}', '{"savedAt": 0}', '{"token": "t"}']) {
  test(`${JSON.stringify(text)} is no saved session`, () => {
    const { saved, storage } = saving();
    storage.set("live_session", text);
    assert.equal(saved.take(), null);
  });
}
