import { ProbabilityBars } from "../live/probability_bars.js";
import { paintAnnotated } from "./annotated_image.js";
import { PlaceCard } from "./place_card.js";

const CANDIDATES = 2;

/** The chosen image: boxes, words, every probability, the place. */
export class ResultView {
  #root;
  #texts;
  #words;
  #canvas;
  #bars;
  #place;
  #image = null;
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

  get image() {
    return this.#image;
  }

  /** The computed style with the expressions' colors. */
  get style() {
    return getComputedStyle(this.#canvas);
  }

  /** Shows a finished image; null hides the view. */
  show(image) {
    this.#root.hidden = image === null;
    this.#image = image;
    this.#chosen = 0;
    if (image === null) return;

    const { answer } = image;
    this.#find("[data-result-name]").textContent = image.name;
    this.#find("[data-result-size]").textContent = `${this.#texts.number(answer.width)} × ${this.#texts.number(answer.height)}`;
    this.#showAnswer();
    this.#showFaces();
    this.#paint();
  }

  #showAnswer() {
    const { answer, options } = this.#image;
    const whole = answer.picture;
    const summary = this.#words.summary(this.#image);
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
    this.#canvas.ariaLabel = this.#texts.phrase("drawn", { name: this.#image.name, summary });
  }

  #showBars(found) {
    this.#find("[data-bars-part]").hidden = found === null;
    if (found === null) return;
    const entries = this.#image.answer.picture ? this.#words.ranked(found.probabilities) : Object.entries(found.probabilities);
    this.#bars.useLabels(entries.map(([label]) => label));
    this.#bars.show(entries.map(([, probability]) => probability));
    this.#bars.uncertain = found.uncertain ?? this.#words.isUncertain(found, this.#image.options);
  }

  #showFaces() {
    const { answer, options } = this.#image;
    this.#find("[data-faces]").replaceChildren(
      ...answer.faces.map((face, index) => this.#faceRow(face, index, options)),
    );
    const many = this.#words.hasManyFaces(answer);
    this.#find("[data-faces-part]").open = !many;
    this.#find("[data-faces-part] summary").hidden = !many;
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
    this.#showBars(this.#image.answer.faces[index]);
    this.#paint();
  }

  /** One after the other: two paintings at once would mix two images on one canvas. */
  #paint() {
    const image = this.#image;
    const chosen = this.#chosen;
    this.#painting = this.#painting.then(async () => {
      if (image !== this.#image || chosen !== this.#chosen) return;
      const failed = await paintAnnotated(this.#canvas, { file: image.file, marks: this.marksOf(image), chosen, style: this.style }).then(
        () => false,
        () => true,
      );
      this.#canvas.hidden = failed;
      this.#find("[data-download=picture]").disabled = failed; // nothing to draw on
      this.#find("[data-undrawable]").hidden = !failed;
      this.#find("[data-undrawable]").textContent = this.#texts.phrase("undrawable");
    });
  }

  /** What is drawn over an image: one box per face, or a caption. */
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
