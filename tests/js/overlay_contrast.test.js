import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { contrast, inkOn } from "../../static/js/lib/contrast.js";
import { paintTag } from "../../static/js/live/face_overlay.js";

const tokens = readFileSync(new URL("../../static/css/tokens.css", import.meta.url), "utf-8");
const colors = [...tokens.matchAll(/--(?:expression|answer)-[a-z]+: (#[0-9a-f]{6});/g)].map(([, color]) => color);

/** A canvas that keeps which colors stood under each text: the last filled shape that is wider than a stripe. */
class Paper {
  texts = [];
  fillStyle = "";
  #width = 0;
  #ground = null;
  measureText = (text) => ({ width: text.length * 8 });
  beginPath() {}
  roundRect(x, y, width) {
    this.#width = width;
  }
  fill() {
    if (this.#width > 10) this.#ground = this.fillStyle;
  }
  fillText(text) {
    this.texts.push({ text, ink: this.fillStyle, ground: this.#ground });
  }
}

test("contrast is WCAG's", () => {
  assert.equal(contrast("#fff", "#000000").toFixed(2), "21.00");
  assert.equal(contrast("#767676", "#ffffff").toFixed(2), "4.54");
});

test("black or white reads on every grey", () => {
  for (let level = 0; level < 256; level += 1) {
    const grey = `#${level.toString(16).padStart(2, "0").repeat(3)}`;
    assert.ok(contrast(inkOn(grey), grey) >= 4.5, grey);
  }
});

test("a tag reads at 4.5:1 or more over any picture, in both themes, chosen or not", () => {
  assert.ok(colors.length >= 20);
  for (const color of [...colors, "#fff", "#ffffff"]) {
    for (const chosen of [false, true]) {
      const paper = new Paper();
      const area = { width: 900, height: 600, taken: [] };
      paintTag(paper, { id: "2", words: "Uncertain", share: "" }, { box: { x: 9, y: 90, w: 99, h: 99 }, area, color, font: "Inter", chosen });
      assert.deepEqual(paper.texts.map(({ text }) => text), ["2", "Uncertain"]);
      for (const { ink, ground } of paper.texts) {
        assert.match(ground, /^#[0-9a-f]{3,6}$/, "opaque: no alpha lets the picture through");
        assert.ok(contrast(ink, ground) >= 4.5, `${ink} on ${ground}`);
      }
    }
  }
});
