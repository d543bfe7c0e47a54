import { paintThumbnail } from "./thumbnail.js";

/** One row per image, with its state and progress. delegate: imageChosen(id), removeRequested(id). */
export class ImageList {
  #delegate;
  #list;
  #texts;
  #words;
  #rows = new Map();
  #thumbnails = Promise.resolve();

  /** words(image) describes a finished image. */
  constructor(delegate, list, { texts, words }) {
    this.#delegate = delegate;
    this.#list = list;
    this.#texts = texts;
    this.#words = words;
  }

  show(image, chosenId) {
    const row = this.#rows.get(image.id) ?? this.#add(image);
    const { state, progress } = image;
    row.item.dataset.state = state;
    row.state.textContent = this.#stateWords(image);
    if (state === "analysing") row.progress.removeAttribute("value");
    else row.progress.value = progress;
    row.choose.ariaPressed = String(image.id === chosenId);
  }

  choose(chosenId) {
    for (const [id, { choose }] of this.#rows) choose.ariaPressed = String(id === chosenId);
  }

  /** Removes the rows of images that no longer exist; keeps the keyboard focus in the list. */
  keep(ids) {
    for (const [id, { item }] of this.#rows) {
      if (ids.includes(id)) continue;
      const held = item.contains(document.activeElement);
      const neighbour = item.nextElementSibling ?? item.previousElementSibling;
      item.remove();
      this.#rows.delete(id);
      if (held) neighbour?.querySelector("button")?.focus();
    }
  }

  #add(image) {
    const item = element("li", "picture");
    const choose = element("button", "picture__choose", { type: "button" });
    const thumbnail = element("canvas", "picture__thumbnail", { ariaHidden: "true" });
    const words = element("span", "picture__words");
    const name = element("span", "picture__name", { textContent: image.name });
    const state = element("span", "picture__state");
    const progress = element("progress", "", { max: 1, ariaLabel: image.name });
    const remove = element("button", "button button--bare", { type: "button", textContent: "×" });
    remove.ariaLabel = this.#texts.phrase("remove", { name: image.name });
    item.dataset.testid = "photo-picture";
    words.append(name, state);
    choose.append(thumbnail, words);
    item.append(choose, remove, progress);
    choose.addEventListener("click", () => this.#delegate.imageChosen(image.id));
    remove.addEventListener("click", () => this.#delegate.removeRequested(image.id));
    this.#list.append(item);
    // One after the other: each one holds a complete decoded image for a moment.
    this.#thumbnails = this.#thumbnails.then(() => paintThumbnail(thumbnail, image.file));
    const row = { item, choose, state, progress };
    this.#rows.set(image.id, row);
    return row;
  }

  #stateWords(image) {
    const { state, progress, error } = image;
    if (state === "done") return this.#words(image);
    if (state === "failed") return error.message ?? this.#texts.phrase(`refused_${error.code}`);
    return this.#texts.phrase(state, { percent: this.#texts.percent(progress) });
  }
}

function element(tag, className, properties = {}) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  return Object.assign(made, properties);
}
