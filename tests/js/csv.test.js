import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { cell, csvText } from "../../static/js/lib/csv.js";
import { tableOf } from "../../static/js/photo/table.js";

const { cells, skipped } = JSON.parse(await readFile(new URL("../csv_cells.json", import.meta.url), "utf8"));

for (const { why, value, written } of cells) {
  test(`a cell is written as the shared vectors say: ${why} ${JSON.stringify(value)}`, () => assert.equal(cell(value), written));
}

test("both languages look past the same characters for a sign", () => {
  const ranges = [];
  for (let code = 0; code < 0x110000; code++) {
    const text = `${String.fromCodePoint(code)}=`;
    if (cell(text) === text) continue;
    if (ranges.at(-1)?.[1] === code - 1) ranges.at(-1)[1] = code;
    else ranges.push([code, code]);
  }
  assert.deepEqual(ranges, skipped);
});

test("a number stays a number", () => {
  assert.equal(csvText([[-0.5, -1, 1e-7, "x"]]), "-0.5,-1,1e-7,x\r\n");
});

test("a text with a separator of any language is quoted", () => {
  assert.equal(csvText([["a;=1", "b,c", 'd"e', "f\tg", "h\r\ni", ""]]), '"a;=1","b,c","d""e","f\tg","h\r\ni",\r\n');
});

test("an image's name, a label and a model are no formulas in the table", () => {
  const answer = { width: 1, height: 2, faces: [{ box: [-0.01, 0, 1, 1], score: 0.9, label: "@happy", confidence: 0.8, probabilities: { "@happy": 0.8 } }] };
  const [head, row] = tableOf([{ name: "=1+1.jpg", answer, options: { model: "-model" } }], () => 0.5).split("\r\n");
  assert.match(head, /,error,'@happy,uncertain,uncertain_below$/);
  assert.equal(row, "'=1+1.jpg,1,2,'-model,1,-0.01,0,1,1,0.9,'@happy,0.8,,0.8,false,0.5");
});
