import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { tableOf } from "../../static/js/photo/table.js";
import { crc32, zipParts } from "../../static/js/photo/zip_archive.js";

const FACE = { box: [0.1, 0.2, 0.3, 0.4], score: 0.9, label: "happy", confidence: 0.8, probabilities: { happy: 0.8, sad: 0.2 } };
const EMOTION = { model: "se_resnet" };
const threshold = () => 0.5;

test("the table has a row a face, and a column a label", () => {
  const answer = { width: 640, height: 480, faces: [FACE, { ...FACE, label: "sad" }] };
  const [head, first, second] = tableOf([{ name: "a.jpg", answer, options: EMOTION }], threshold).split("\r\n");
  assert.equal(head, "file,width,height,model,face,x,y,w,h,score,label,confidence,error,happy,sad,uncertain,uncertain_below");
  assert.equal(first, "a.jpg,640,480,se_resnet,1,0.1,0.2,0.3,0.4,0.9,happy,0.8,,0.8,0.2,false,0.5");
  assert.match(second, /^a\.jpg,640,480,se_resnet,2,.*,sad,/);
});

test("pictures without faces, of a whole-picture model, and failed ones have a row each", () => {
  const place = { label: "pantheon", confidence: 0.7, probabilities: { pantheon: 0.7 } };
  const rows = tableOf([
    { name: "none.jpg", answer: { width: 1, height: 2, faces: [] }, options: EMOTION },
    { name: "rome.jpg", answer: { width: 3, height: 4, faces: [], picture: place }, options: { model: "places" } },
    { name: 'bad, "cut".jpg', answer: null, error: { code: "bad_image" }, options: EMOTION },
  ], threshold).split("\r\n");
  assert.equal(rows[1], "none.jpg,1,2,se_resnet,,,,,,,,,,,,");
  assert.equal(rows[2], "rome.jpg,3,4,places,,,,,,,pantheon,0.7,,0.7,false,0.5");
  assert.equal(rows[3], '"bad, ""cut"".jpg",,,se_resnet,,,,,,,,,bad_image,,,');
});

test("a row says whether its answer is uncertain, and below which confidence it would be", () => {
  const place = { label: "halong_bay", confidence: 0.84, uncertain: true, probabilities: { halong_bay: 0.84 } };
  const faces = [0.49, 0.5].map((confidence) => ({ ...FACE, confidence }));
  const [, ...rows] = tableOf([
    { name: "room.jpg", answer: { width: 3, height: 4, faces: [], picture: place }, options: { model: "places" } },
    { name: "two.jpg", answer: { width: 3, height: 4, faces }, options: EMOTION },
  ], (options) => (options.model === "places" ? 0.9 : 0.5)).trim().split("\r\n");
  assert.deepEqual(rows.map((row) => row.split(",").slice(-2)), [["true", "0.9"], ["true", "0.5"], ["false", "0.5"]]);
});

test("the checksum is ZIP's", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("another program reads the archive, with names in any language and twice the same", () => {
  const text = new TextEncoder();
  const entries = ["ảnh.jpg", "ảnh.jpg"].map((name, index) => ({ name, bytes: text.encode(`picture ${index}`) }));
  const folder = mkdtempSync(join(tmpdir(), "zip-"));
  try {
    writeFileSync(join(folder, "made.zip"), Buffer.concat(zipParts(entries, new Date(2026, 10, 25, 12, 30))));
    const program = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print([(i.filename, z.read(i).decode(), i.date_time[:3]) for i in z.infolist()])";
    const printed = execFileSync("python3", ["-c", program, join(folder, "made.zip")], { encoding: "utf-8", env: { ...process.env, PYTHONIOENCODING: "utf-8" } });
    assert.equal(printed.trim(), "[('ảnh.jpg', 'picture 0', (2026, 11, 25)), ('ảnh (2).jpg', 'picture 1', (2026, 11, 25))]");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
