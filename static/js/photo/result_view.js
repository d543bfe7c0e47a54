import { ProbabilityBars } from "../live/probability_bars.js";
import { paintAnnotated } from "./annotated_picture.js";
import { PlaceCard } from "./place_card.js";

const CANDIDATES = 2;

/** The chosen picture: boxes, words, every probability, the place. */
export class ResultView {
  #root;
  #texts;
  #words;
  #canvas;
  #bars;
  #place;
  #picture = null;
  #chosen = 0;
  #painting = Promise.resolve();

  constructor(root, { texts, words, places }) {
    this.#root = root;
    this.#texts = texts;
    this.#words = words;
    this.#canvas = this.#find("[data-canvas]");
    this.#bars = new ProbabilityBars(this.#find("[data-bars]"), texts);
    this.#place = new PlaceCard(this.#find("[data-place]"), { texts, places });
  }

  get picture() {
    return this.#picture;
  }

  /** The computed style with the expressions' colors. */
  get style() {
    return getComputedStyle(this.#canvas);
  }

  /** Shows a finished picture; null hides the view. */
  show(picture) {
    this.#root.hidden = picture === null;
    this.#picture = picture;
    this.#chosen = 0;
    if (picture === null) return;

    const { answer } = picture;
    this.#find("[data-result-name]").textContent = picture.name;
    this.#find("[data-result-size]").textContent = `${this.#texts.number(answer.width)} × ${this.#texts.number(answer.height)}`;
    this.#showAnswer();
    this.#showFaces();
    this.#paint();
  }

  #showAnswer() {
    const { answer, options } = this.#picture;
    const whole = answer.picture;
    const summary = this.#words.summary(this.#picture);
    // Each face has a row of its own below.
    const oneByOne = answer.faces.length > 0 && !this.#words.hasManyFaces(answer);
    this.#find("[data-answer]").textContent = oneByOne ? this.#texts.plural("faces", answer.faces.length) : summary;
    this.#find("[data-closest]").textContent = whole ? this.#words.closest(whole, options) : "";
    const notes = this.#words.notes(answer);
    this.#find("[data-notes]").hidden = notes === "";
    this.#find("[data-notes]").textContent = notes;
    const ranked = whole ? this.#words.ranked(whole.probabilities) : [];
    this.#place.show(whole && !whole.uncertain ? whole.label : null);
    this.#find("[data-candidates-part]").hidden = !whole || whole.uncertain;
    const next = ranked.slice(1, CANDIDATES + 1);
    this.#find("[data-candidates]").replaceChildren(...next.map((entry) => item(this.#words.candidate(entry))));
    this.#showBars(whole ?? answer.faces[0] ?? null);
    this.#canvas.ariaLabel = this.#texts.phrase("drawn", { name: this.#picture.name, summary });
  }

  #showBars(found) {
    this.#find("[data-bars-part]").hidden = found === null;
    if (found === null) return;
    const entries = this.#picture.answer.picture ? this.#words.ranked(found.probabilities) : Object.entries(found.probabilities);
    this.#bars.useLabels(entries.map(([label]) => label));
    this.#bars.show(entries.map(([, probability]) => probability));
    this.#bars.uncertain = this.#picture.answer.picture?.uncertain ?? false;
  }

  #showFaces() {
    const { answer, options } = this.#picture;
    this.#find("[data-faces]").replaceChildren(
      ...answer.faces.map((face, index) => this.#faceRow(face, index, options)),
    );
    const crowd = this.#words.hasManyFaces(answer);
    this.#find("[data-faces-part]").open = !crowd;
    this.#find("[data-faces-part] summary").hidden = !crowd;
  }

  #faceRow(face, index, options) {
    const row = document.createElement("li");
    row.className = "face-row";
    Object.assign(row.dataset, { label: face.label, testid: "photo-face", uncertain: String(this.#words.isUncertain(face, options)) });
    const button = document.createElement("button");
    button.type = "button";
    button.ariaPressed = String(index === this.#chosen);
    button.append(...["swatch", "face-row__name", "face-row__label"].map((name) => Object.assign(document.createElement("span"), { className: name })));
    button.children[0].ariaHidden = "true";
    button.children[1].textContent = this.#texts.phrase("face", { id: index + 1 });
    button.children[2].textContent = this.#words.face(face, options);
    button.addEventListener("click", () => this.#choose(index));
    row.append(button);
    return row;
  }

  #choose(index) {
    this.#chosen = index;
    [...this.#find("[data-faces]").querySelectorAll("button")].forEach((button, at) => {
      button.ariaPressed = String(at === index);
    });
    this.#showBars(this.#picture.answer.faces[index]);
    this.#paint();
  }

  /** One after the other: two paintings at once would mix two pictures on one canvas. */
  #paint() {
    const picture = this.#picture;
    const chosen = this.#chosen;
    this.#painting = this.#painting.then(async () => {
      if (picture !== this.#picture || chosen !== this.#chosen) return;
      const failed = await paintAnnotated(this.#canvas, { file: picture.file, marks: this.marksOf(picture), chosen, style: this.style }).then(
        () => false,
        () => true,
      );
      this.#canvas.hidden = failed;
      this.#find("[data-download=picture]").disabled = failed; // nothing to draw on
      this.#find("[data-undrawable]").hidden = !failed;
      this.#find("[data-undrawable]").textContent = this.#texts.phrase("undrawable");
    });
  }

  /** What is drawn over a picture: a box a face, or a caption. */
  marksOf({ answer, options }) {
    if (answer.picture) return [{ box: null, label: answer.picture.label, words: this.#words.summary({ answer, options }), share: "", uncertain: answer.picture.uncertain }];
    return answer.faces.map((face) => ({
      box: face.box,
      label: face.label,
      ...this.#words.tag(face, options),
      uncertain: this.#words.isUncertain(face, options),
    }));
  }

  #find(selector) {
    return this.#root.querySelector(selector);
  }
}

function item(text) {
  return Object.assign(document.createElement("li"), { textContent: text });
}
