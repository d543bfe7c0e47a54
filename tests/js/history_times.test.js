import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, showLocalTimes } from "../../static/js/history/formats.js";

const pageWith = (lang, ...times) => ({ documentElement: { lang }, querySelectorAll: () => times });

test("seconds are written as a clock", () => {
  assert.deepEqual([0, 59.9, 60, 3599, 3600, 36061].map(clock), ["0:00", "0:59", "1:00", "59:59", "1:00:00", "10:01:01"]);
});

test("a time is shown in the visitor's zone and language", () => {
  const time = { dateTime: "2026-11-24T23:10:00+00:00", textContent: "Nov. 24, 2026, 11:10 p.m. UTC" };
  showLocalTimes(pageWith("en", time), "Asia/Ho_Chi_Minh");
  assert.match(time.textContent, /Nov 25, 2026, 6:10\sAM/);
  assert.equal(time.title, "Nov. 24, 2026, 11:10 p.m. UTC");
});

test("a time that cannot be read stays as it came", () => {
  const time = { dateTime: "soon", textContent: "soon" };
  showLocalTimes(pageWith("vi", time));
  assert.equal(time.textContent, "soon");
});
